# rb_protobuf(TARGET FILE.proto): the messages of a file, as C that protobuf-c's compiler writes; <FILE.pb-c.h> declares them.
function(rb_protobuf target file)
  get_filename_component(name ${file} NAME_WE)
  get_filename_component(folder ${PROJECT_SOURCE_DIR}/${file} DIRECTORY)
  set(to ${CMAKE_CURRENT_BINARY_DIR}/protobuf)
  file(MAKE_DIRECTORY ${to})
  add_custom_command(OUTPUT ${to}/${name}.pb-c.c ${to}/${name}.pb-c.h DEPENDS ${PROJECT_SOURCE_DIR}/${file} VERBATIM
    COMMAND ${PROTOC_C} --proto_path=${folder} --c_out=${to} ${PROJECT_SOURCE_DIR}/${file})
  add_library(rb_${name}_messages STATIC ${to}/${name}.pb-c.c ${to}/${name}.pb-c.h) # apart: not under our warnings
  target_include_directories(rb_${name}_messages SYSTEM PUBLIC ${to})
  target_link_libraries(rb_${name}_messages PUBLIC PkgConfig::PROTOBUF_C)
  target_link_libraries(${target} PRIVATE rb_${name}_messages)
endfunction()
