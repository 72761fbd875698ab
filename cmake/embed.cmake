# rb_embed(TARGET FILE NAME): the bytes of a file become part of a library, as `const char NAME[]`, which a NUL ends, and
# `const size_t NAME_bytes` without it. FILE may be a list, "a;b": the files one after the other.
# Run as a script (cmake -D FROM -D TO -D NAME -P), it writes the source that holds them.
if(CMAKE_SCRIPT_MODE_FILE)
  set(bytes "")
  string(REPLACE "," ";" files "${FROM}")
  foreach(file ${files})
    file(READ ${file} more HEX)
    string(APPEND bytes ${more})
  endforeach()
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
  file(WRITE ${TO} "#include <stddef.h>\nextern const char ${NAME}[];\nextern const size_t ${NAME}_bytes;\n"
    "const char ${NAME}[] = {\n${bytes}0x00};\nconst size_t ${NAME}_bytes = sizeof ${NAME} - 1;\n")
  return()
endif()

set(rb_embed_script ${CMAKE_CURRENT_LIST_FILE})
function(rb_embed target file name)
  set(to ${CMAKE_CURRENT_BINARY_DIR}/embedded/${name}.c)
  list(TRANSFORM file PREPEND ${PROJECT_SOURCE_DIR}/)
  list(JOIN file "," from)
  add_custom_command(OUTPUT ${to} DEPENDS ${file} ${rb_embed_script} VERBATIM
    COMMAND ${CMAKE_COMMAND} -DFROM=${from} -DTO=${to} -DNAME=${name} -P ${rb_embed_script})
  target_sources(${target} PRIVATE ${to})
endfunction()
