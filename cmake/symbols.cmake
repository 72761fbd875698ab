# The functions that librainbow shows: those that include/rainbow/*.h declare.
# Run as a script (cmake -D HEADERS -D TO -P), it writes their names to TO, one per line, and the linker's version script to TO.map.
#
# A declaration begins at the start of a line, and its name is on that line or starts the next one, as clang-format leaves it;
# calls in inline functions are indented. tests/library/symbols.py reads the headers in another way and compares the result with the library.
set(names "")
string(REPLACE "," ";" headers "${HEADERS}")
foreach(header ${headers})
  file(READ ${header} text)
  string(REGEX REPLACE "//[^\n]*" "" text "${text}")
  string(REGEX MATCHALL "\n([a-zA-Z][a-zA-Z0-9_ *\n]*[ *\n])?rb_[a-z0-9_]+\\(" declarations "${text}")
  foreach(declaration ${declarations})
    if(NOT declaration MATCHES "^\n(static|typedef) " AND declaration MATCHES "(rb_[a-z0-9_]+)\\($")
      list(APPEND names ${CMAKE_MATCH_1})
    endif()
  endforeach()
endforeach()
list(SORT names)
list(JOIN names "\n" lines)
list(JOIN names ";\n        " globals)
file(WRITE ${TO} "${lines}\n")
file(WRITE ${TO}.map "${NODE} {\n    global:\n        ${globals};\n    local:\n        *;\n};\n")
