// SPDX-License-Identifier: Apache-2.0
//
// Written by tests/json/name_tables.py, where the command stands. Do not edit.
// clang-format off
#pragma once

#include "ft/json/names.hpp"

namespace ft::json {

inline constexpr NameEntry kEntriesEveryLength[] = {
    {"", 0}, {"a", 1}, {"ab", 2}, {"abc", 3}, {"abcd", 4}, {"abcde", 5}, {"abcdef", 6}, {"abcdefg", 7},
    {"abcdefgh", 8}, {"abcdefghi", 9}, {"abcdefghij", 10}, {"abcdefghijk", 11}, {"abcdefghijkl", 12},
    {"abcdefghijklm", 13}, {"abcdefghijklmn", 14}, {"abcdefghijklmno", 15}, {"abcdefghijklmnop", 16},
    {"abcdefghijklmnopq", 17}, {"abcdefghijklmnopqr", 18}, {"abcdefghijklmnopqrs", 19},
    {"abcdefghijklmnopqrst", 20}, {"abcdefghijklmnopqrstu", 21}, {"abcdefghijklmnopqrstuv", 22},
    {"abcdefghijklmnopqrstuvw", 23}, {"abcdefghijklmnopqrstuvwx", 24}, {"abcdefghijklmnopqrstuvwxy", 25},
    {"abcdefghijklmnopqrstuvwxyz", 26}};
inline constexpr std::uint8_t kSlotsEveryLength[] = {
    1, 20, 0, 0, 2, 0, 14, 0, 9, 18, 0, 0, 4, 0, 0, 26, 0, 0, 0, 0, 0, 8, 3, 0, 5, 25, 0, 0, 19, 7, 0, 0, 16, 0,
    10, 0, 0, 0, 0, 0, 0, 17, 6, 0, 13, 0, 0, 0, 24, 15, 23, 0, 22, 0, 27, 11, 0, 0, 0, 12, 21, 0, 0, 0};
inline constexpr NameTable kEveryLength = {kEntriesEveryLength, kSlotsEveryLength, 6038094601263162091U, 58};

inline constexpr NameEntry kEntriesAliases[] = {
    {"old", 0}, {"older", 0}, {"new", 1}};
inline constexpr std::uint8_t kSlotsAliases[] = {
    0, 1, 0, 2, 0, 0, 0, 3};
inline constexpr NameTable kAliases = {kEntriesAliases, kSlotsAliases, 16294208416658607535U, 61};

inline constexpr NameEntry kEntriesMiddles[] = {
    {"beginning_A_the_end_", 0}, {"beginning_B_the_end_", 1}, {"beginning_A_the_End_", 2}};
inline constexpr std::uint8_t kSlotsMiddles[] = {
    1, 2, 0, 3, 0, 0, 0, 0};
inline constexpr NameTable kMiddles = {kEntriesMiddles, kSlotsMiddles, 16294208416658607535U, 61};

inline constexpr NameEntry kEntriesBeyondAscii[] = {
    {"gr\xc3""\xb6""\xc3""\x9f""e", 0}, {"gr\xc3""\xb6""\xc3""\x9f""er", 1}, {"\xf0""\x9f""\x98""\x80""", 2}};
inline constexpr std::uint8_t kSlotsBeyondAscii[] = {
    0, 1, 0, 3, 0, 0, 0, 2};
inline constexpr NameTable kBeyondAscii = {kEntriesBeyondAscii, kSlotsBeyondAscii, 16294208416658607535U, 61};

inline constexpr NameEntry kEntriesLargest[] = {
    {"variant_0", 0}, {"variant_1", 1}, {"variant_2", 2}, {"variant_3", 3}, {"variant_4", 4}, {"variant_5", 5},
    {"variant_6", 6}, {"variant_7", 7}, {"variant_8", 8}, {"variant_9", 9}, {"variant_10", 10}, {"variant_11", 11},
    {"variant_12", 12}, {"variant_13", 13}, {"variant_14", 14}, {"variant_15", 15}, {"variant_16", 16},
    {"variant_17", 17}, {"variant_18", 18}, {"variant_19", 19}, {"variant_20", 20}, {"variant_21", 21},
    {"variant_22", 22}, {"variant_23", 23}, {"variant_24", 24}, {"variant_25", 25}, {"variant_26", 26},
    {"variant_27", 27}, {"variant_28", 28}, {"variant_29", 29}, {"variant_30", 30}, {"variant_31", 31},
    {"variant_32", 32}, {"variant_33", 33}, {"variant_34", 34}, {"variant_35", 35}, {"variant_36", 36},
    {"variant_37", 37}, {"variant_38", 38}, {"variant_39", 39}, {"variant_40", 40}, {"variant_41", 41},
    {"variant_42", 42}, {"variant_43", 43}, {"variant_44", 44}, {"variant_45", 45}, {"variant_46", 46},
    {"variant_47", 47}, {"variant_48", 48}, {"variant_49", 49}, {"variant_50", 50}, {"variant_51", 51},
    {"variant_52", 52}, {"variant_53", 53}, {"variant_54", 54}, {"variant_55", 55}, {"variant_56", 56},
    {"variant_57", 57}, {"variant_58", 58}, {"variant_59", 59}, {"variant_60", 60}, {"variant_61", 61},
    {"variant_62", 62}, {"variant_63", 63}, {"variant_64", 64}, {"variant_65", 65}, {"variant_66", 66},
    {"variant_67", 67}, {"variant_68", 68}, {"variant_69", 69}, {"variant_70", 70}, {"variant_71", 71},
    {"variant_72", 72}, {"variant_73", 73}, {"variant_74", 74}, {"variant_75", 75}, {"variant_76", 76},
    {"variant_77", 77}, {"variant_78", 78}, {"variant_79", 79}, {"variant_80", 80}, {"variant_81", 81},
    {"variant_82", 82}, {"variant_83", 83}, {"variant_84", 84}, {"variant_85", 85}, {"variant_86", 86},
    {"variant_87", 87}, {"variant_88", 88}, {"variant_89", 89}, {"variant_90", 90}, {"variant_91", 91},
    {"variant_92", 92}, {"variant_93", 93}, {"variant_94", 94}, {"variant_95", 95}, {"variant_96", 96},
    {"variant_97", 97}, {"variant_98", 98}, {"variant_99", 99}, {"variant_100", 100}, {"variant_101", 101},
    {"variant_102", 102}, {"variant_103", 103}, {"variant_104", 104}, {"variant_105", 105}, {"variant_106", 106},
    {"variant_107", 107}, {"variant_108", 108}, {"variant_109", 109}, {"variant_110", 110}, {"variant_111", 111},
    {"variant_112", 112}, {"variant_113", 113}, {"variant_114", 114}, {"variant_115", 115}, {"variant_116", 116},
    {"variant_117", 117}, {"variant_118", 118}, {"variant_119", 119}, {"variant_120", 120}, {"variant_121", 121},
    {"variant_122", 122}, {"variant_123", 123}, {"variant_124", 124}, {"variant_125", 125}, {"variant_126", 126},
    {"variant_127", 127}, {"variant_128", 128}, {"variant_129", 129}, {"variant_130", 130}, {"variant_131", 131},
    {"variant_132", 132}, {"variant_133", 133}, {"variant_134", 134}, {"variant_135", 135}, {"variant_136", 136},
    {"variant_137", 137}, {"variant_138", 138}, {"variant_139", 139}, {"variant_140", 140}, {"variant_141", 141},
    {"variant_142", 142}, {"variant_143", 143}, {"variant_144", 144}, {"variant_145", 145}, {"variant_146", 146},
    {"variant_147", 147}, {"variant_148", 148}, {"variant_149", 149}, {"variant_150", 150}, {"variant_151", 151},
    {"variant_152", 152}, {"variant_153", 153}, {"variant_154", 154}, {"variant_155", 155}, {"variant_156", 156},
    {"variant_157", 157}, {"variant_158", 158}, {"variant_159", 159}, {"variant_160", 160}, {"variant_161", 161},
    {"variant_162", 162}, {"variant_163", 163}, {"variant_164", 164}, {"variant_165", 165}, {"variant_166", 166},
    {"variant_167", 167}, {"variant_168", 168}, {"variant_169", 169}, {"variant_170", 170}, {"variant_171", 171},
    {"variant_172", 172}, {"variant_173", 173}, {"variant_174", 174}, {"variant_175", 175}, {"variant_176", 176},
    {"variant_177", 177}, {"variant_178", 178}, {"variant_179", 179}, {"variant_180", 180}, {"variant_181", 181},
    {"variant_182", 182}, {"variant_183", 183}, {"variant_184", 184}, {"variant_185", 185}, {"variant_186", 186},
    {"variant_187", 187}, {"variant_188", 188}, {"variant_189", 189}, {"variant_190", 190}, {"variant_191", 191},
    {"variant_192", 192}, {"variant_193", 193}, {"variant_194", 194}, {"variant_195", 195}, {"variant_196", 196},
    {"variant_197", 197}, {"variant_198", 198}, {"variant_199", 199}, {"variant_200", 200}, {"variant_201", 201},
    {"variant_202", 202}, {"variant_203", 203}, {"variant_204", 204}, {"variant_205", 205}, {"variant_206", 206},
    {"variant_207", 207}, {"variant_208", 208}, {"variant_209", 209}, {"variant_210", 210}, {"variant_211", 211},
    {"variant_212", 212}, {"variant_213", 213}, {"variant_214", 214}, {"variant_215", 215}, {"variant_216", 216},
    {"variant_217", 217}, {"variant_218", 218}, {"variant_219", 219}, {"variant_220", 220}, {"variant_221", 221},
    {"variant_222", 222}, {"variant_223", 223}, {"variant_224", 224}, {"variant_225", 225}, {"variant_226", 226},
    {"variant_227", 227}, {"variant_228", 228}, {"variant_229", 229}, {"variant_230", 230}, {"variant_231", 231},
    {"variant_232", 232}, {"variant_233", 233}, {"variant_234", 234}, {"variant_235", 235}, {"variant_236", 236},
    {"variant_237", 237}, {"variant_238", 238}, {"variant_239", 239}, {"variant_240", 240}, {"variant_241", 241},
    {"variant_242", 242}, {"variant_243", 243}, {"variant_244", 244}, {"variant_245", 245}, {"variant_246", 246},
    {"variant_247", 247}, {"variant_248", 248}, {"variant_249", 249}, {"variant_250", 250}, {"variant_251", 251},
    {"variant_252", 252}, {"variant_253", 253}};
inline constexpr std::uint8_t kSlotsLargest[] = {
    42, 0, 159, 199, 201, 162, 0, 76, 141, 0, 0, 0, 156, 196, 0, 189, 50, 73, 0, 0, 209, 0, 153, 193, 239, 186, 47,
    0, 0, 0, 206, 0, 0, 0, 236, 183, 44, 66, 0, 0, 203, 0, 0, 0, 0, 218, 41, 63, 158, 0, 0, 109, 0, 0, 0, 215, 0,
    0, 155, 0, 0, 188, 0, 0, 0, 212, 0, 118, 152, 0, 0, 185, 0, 0, 0, 0, 0, 115, 0, 0, 0, 182, 220, 228, 0, 0, 0,
    112, 0, 0, 0, 217, 0, 225, 0, 58, 0, 0, 0, 0, 0, 214, 0, 120, 222, 55, 40, 0, 88, 0, 0, 211, 0, 117, 0, 52, 37,
    0, 85, 180, 132, 230, 253, 114, 0, 0, 34, 0, 82, 177, 227, 60, 0, 111, 0, 12, 31, 140, 0, 174, 224, 57, 0, 0,
    90, 0, 137, 0, 10, 171, 221, 54, 39, 0, 87, 69, 134, 0, 7, 0, 0, 51, 36, 0, 84, 0, 131, 0, 4, 99, 0, 78, 33, 0,
    81, 0, 198, 0, 1, 96, 161, 75, 0, 0, 0, 0, 195, 0, 0, 93, 49, 72, 0, 0, 9, 0, 192, 0, 238, 0, 46, 0, 0, 0, 6,
    129, 0, 80, 235, 0, 43, 0, 160, 0, 3, 98, 126, 77, 232, 0, 28, 0, 157, 0, 123, 108, 0, 74, 0, 0, 25, 0, 154, 0,
    240, 105, 0, 71, 0, 0, 22, 0, 151, 18, 237, 102, 0, 0, 0, 0, 0, 0, 0, 15, 234, 219, 0, 0, 249, 0, 0, 110, 0, 0,
    231, 216, 0, 0, 246, 0, 0, 107, 0, 0, 0, 213, 0, 170, 243, 0, 149, 104, 0, 0, 0, 0, 0, 167, 0, 0, 146, 101, 0,
    179, 229, 252, 0, 164, 0, 0, 143, 0, 0, 176, 226, 59, 0, 0, 0, 0, 0, 0, 0, 173, 223, 56, 0, 0, 0, 0, 0, 0, 208,
    0, 0, 53, 148, 0, 0, 68, 254, 0, 205, 0, 0, 0, 145, 0, 0, 65, 178, 251, 202, 0, 0, 0, 142, 0, 0, 62, 175, 0, 0,
    95, 190, 0, 0, 0, 210, 172, 0, 0, 0, 92, 187, 70, 0, 0, 0, 0, 0, 0, 0, 184, 0, 67, 0, 0, 128, 100, 0, 0, 0,
    181, 30, 64, 0, 0, 2, 97, 125, 0, 0, 0, 27, 61, 0, 0, 122, 94, 0, 0, 0, 0, 24, 119, 0, 20, 0, 91, 0, 0, 0, 0,
    21, 116, 130, 17, 0, 0, 0, 0, 0, 0, 127, 113, 0, 14, 233, 0, 29, 0, 248, 0, 124, 0, 0, 11, 139, 0, 26, 0, 245,
    0, 121, 106, 89, 0, 136, 0, 23, 169, 242, 19, 38, 103, 86, 0, 133, 0, 0, 166, 0, 16, 35, 0, 83, 0, 200, 250, 0,
    163, 0, 13, 32, 0, 0, 0, 197, 247, 0, 0, 0, 0, 138, 0, 0, 0, 194, 244, 150, 0, 48, 0, 135, 0, 8, 168, 191, 207,
    147, 241, 45, 0, 0, 0, 5, 165, 204, 79, 144, 0};
inline constexpr NameTable kLargest = {kEntriesLargest, kSlotsLargest, 13554562985986921403U, 55};

inline constexpr NameEntry kEntriesOne[] = {
    {"payload", 3}};
inline constexpr std::uint8_t kSlotsOne[] = {
    1, 0};
inline constexpr NameTable kOne = {kEntriesOne, kSlotsOne, 16294208416658607535U, 63};

}  // namespace ft::json
