# SPDX-License-Identifier: Apache-2.0
#
# ft_warnings: the warnings all our own code is compiled with. Linked privately, so that no user inherits them.
add_library(ft_warnings INTERFACE)
target_compile_options(ft_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow $<$<BOOL:${FT_WERROR}>:-Werror>)
