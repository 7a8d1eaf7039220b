# SPDX-License-Identifier: Apache-2.0
#
# ft_tool(NAME): the program of tools/NAME. All but its main.cpp goes into the library NAME_parts, which the tests
# link too. What the tools share is in tools/common. A header is included by its folder: "NAME/x.hpp", "common/x.hpp".
find_package(CLI11 CONFIG REQUIRED)

file(GLOB tools_common CONFIGURE_DEPENDS tools/common/*.cpp)
add_library(tools_common STATIC ${tools_common})
set_target_properties(tools_common PROPERTIES CXX_EXTENSIONS OFF)
target_include_directories(tools_common PUBLIC tools)
target_link_libraries(tools_common PUBLIC ft_protocol ft_json_tree CLI11::CLI11 PRIVATE ft_warnings)

function(ft_tool name)
  add_executable(${name} tools/${name}/main.cpp)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_link_libraries(${name} PRIVATE tools_common ft_whole ft_warnings)

  file(GLOB parts CONFIGURE_DEPENDS tools/${name}/*.cpp)
  list(REMOVE_ITEM parts ${PROJECT_SOURCE_DIR}/tools/${name}/main.cpp)
  if(parts)
    add_library(${name}_parts STATIC ${parts})
    set_target_properties(${name}_parts PROPERTIES CXX_EXTENSIONS OFF)
    target_link_libraries(${name}_parts PUBLIC tools_common PRIVATE ft_warnings)
    target_link_libraries(${name} PRIVATE ${name}_parts)
  endif()
endfunction()

set(FT_TOOL_NAMES ftdump ftconform ftworker ftexec)
foreach(tool ${FT_TOOL_NAMES})
  ft_tool(${tool})
endforeach()
foreach(tool ftworker ftexec)
  target_link_libraries(${tool} PRIVATE ft_transport)
  target_link_libraries(${tool}_parts PUBLIC ft_transport)
endforeach()
