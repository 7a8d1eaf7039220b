// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/gen/cells.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/walk.hpp"
#include "ft/json/flat_rows.hpp"

int main() {
  constexpr const char* cells[] = {R"("Null")",
                                   R"("Default")",
                                   R"({"Int":-5})",
                                   R"({"Wide":170141183460469231731687303715884105727})",
                                   R"({"Text":"short"})",
                                   R"({"Text":"a text that does not fit into a cell"})",
                                   R"({"Blob":[1,2,255]})",
                                   R"({"Doc":{"b":1, "a":[ ]}})",
                                   R"({"List":["Null",{"List":[{"Int":1}]}]})",
                                   R"({"Words":["a","b"]})",
                                   R"({"Pair":{"a":1,"b":[1,2,3,4,5,6,7,8],"c":2}})",
                                   R"({"Large":{"name":"n","list":[1]}})",
                                   R"({"Kind":"Fancy"})",
                                   R"({"Id":9})",
                                   R"({"Maybe":null})",
                                   R"({"Maybe":3})",
                                   R"({"Time":[[1,2,3,4],[1,0,0]]})",
                                   R"({"Datum":true})",
                                   R"({"AVariantWithALongName":1})"};
  std::string row;
  for (const char* cell : cells) {
    round_trip<ft::Datum>(cell);
    row += (row.empty() ? "" : ",") + std::string(cell);
  }
  static_assert(sizeof(ft::Datum) == 24);
  CHECK(ft::Datum() == *read<ft::Datum>(R"("Null")"));
  CHECK(ft::Datum::Text("x").as_text() == "x" && ft::Datum::Int(3).as_int() == 3 && ft::Datum::Datum_(true).as_datum());
  CHECK(read<ft::Datum>(cells[10])->as_pair().b[7] == 8 && *ft::Datum::Maybe(4).as_maybe() == 4);
  bool thrown = false;
  try {
    static_cast<void>(ft::Datum::Int(3).as_text());
  } catch (const ft::WrongAlternative&) {
    thrown = true;
  }
  CHECK(thrown);
  CHECK(ft::Datum::Default() == *read<ft::Datum>(R"("Default")"));
  reads_as<ft::Filled>("{}", R"({"unit":"Default","none":"Null"})");
  CHECK(ft::Filled().unit.tag() == ft::Datum::Tag::Default && ft::Filled().none == ft::Datum());

  const std::string rows = R"({"values":[)" + row + R"(]},{"values":[]},{"values":[{"Int":1},"Null"]})";
  const std::string answer = R"({"columns":["a"],"rows":[)" + rows + R"(],"more":[],"single":{"values":["Null"]}})";
  round_trip<ft::Answer>(answer);
  reads_as<ft::Answer>(R"({"columns":[],"rows":[ { "x" : 1 , "cells" : [ "Null" , { "Int" : 1 } ] } ]})",
                       R"({"columns":[],"rows":[{"values":["Null",{"Int":1}]}],"more":[],"single":null})");
  const auto read_back = read<ft::Answer>(answer);
  CHECK(read_back->rows.size() == 3 && read_back->rows[0].size() == std::size(cells) && read_back->rows[1].empty());
  CHECK(read_back->rows[2][0].as_int() == 1 && read_back->more.empty());
  refuses<ft::Answer>(R"({"columns":[],"rows":[{"values":["Null",{"Int":"x"}]}]})", ft::errc::wrong_type,
                      "$.rows[0].values[1].Int");
  refuses<ft::Answer>(R"({"columns":[],"rows":[{"other":1}]})", ft::errc::missing_key, "$.rows[0]");
  refuses<ft::Answer>(R"({"columns":[],"rows":[{"values":[],"cells":[]}]})", ft::errc::duplicate_key, "$.rows[0]");

  ft::FlatRows<ft::Datum>::Builder builder;
  builder.add(ft::Datum::Int(7))
      .add(ft::Datum::Text("a text that lies in the arena of the rows", builder.arena()))
      .end_row();
  ft::Answer made;
  made.rows = std::move(builder).build();
  CHECK(write(made) ==
        R"({"columns":[],"rows":[{"values":[{"Int":7},{"Text":"a text that lies in the arena of the rows"}]}],)"
        R"("more":[],"single":null})");
  CHECK(made == *read<ft::Answer>(write(made)));
  return report();
}
