# librainbow, static and shared: all rooms in one object, in which only the functions of include/rainbow/*.h are visible.
# The rooms are compiled once, for the program, the tests and both libraries.
#
#     librainbow           librainbow.so, with the version in its name and in its symbols
#     librainbow_static    librainbow.a

# The number in librainbow.so.0, raised by a change with which programs that were linked before would not work: a function or a field
# that changes its meaning or its place, a struct of the caller that grows.
set(RB_ABI 0)

# The sanitizers' presets leave it out: their tests are those of the rooms.
option(RB_LIBRARY "build librainbow besides the program" ON)
if(NOT RB_LIBRARY)
  return()
endif()

# Everything that the rooms are linked to: their archives (rb_...), and in rb_outside the libraries of others.
function(rb_collect target)
  get_target_property(type ${target} TYPE)
  get_property(archives GLOBAL PROPERTY RB_ARCHIVES)
  if(type STREQUAL "STATIC_LIBRARY")
    if(target IN_LIST archives)
      return()
    endif()
    set_property(GLOBAL APPEND PROPERTY RB_ARCHIVES ${target})
    get_target_property(links ${target} LINK_LIBRARIES)
  else()
    get_target_property(links ${target} INTERFACE_LINK_LIBRARIES)
  endif()
  foreach(link IN LISTS links)
    if(link MATCHES "^rb_")
      rb_collect(${link})
    elseif(link)
      set_property(GLOBAL APPEND PROPERTY RB_OUTSIDE ${link})
    endif()
  endforeach()
endfunction()
rb_collect(rb_rooms)
get_property(archives GLOBAL PROPERTY RB_ARCHIVES)
get_property(outside GLOBAL PROPERTY RB_OUTSIDE)
list(REMOVE_DUPLICATES outside)
set(rb_outside ${outside}) # for cmake/install.cmake

set(library ${CMAKE_CURRENT_BINARY_DIR}/library)
file(MAKE_DIRECTORY ${library})
file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/rainbow/*.h)
list(JOIN headers "," from)
set(script ${CMAKE_CURRENT_LIST_DIR}/symbols.cmake)
set(node "RAINBOW_${RB_ABI}")
add_custom_command(OUTPUT ${library}/symbols ${library}/symbols.map DEPENDS ${headers} ${script} VERBATIM
  COMMAND ${CMAKE_COMMAND} -DHEADERS=${from} -DTO=${library}/symbols -DNODE=${node} -P ${script})

# An archive of the rooms' objects would show every function that one file calls in another, so the files become one object,
# in which the other functions are local.
list(TRANSFORM archives REPLACE "(.+)" "$<TARGET_FILE:\\1>" OUTPUT_VARIABLE files)
add_custom_command(OUTPUT ${library}/rainbow.o DEPENDS ${archives} ${library}/symbols VERBATIM
  COMMAND ${CMAKE_LINKER} -r -o ${library}/rainbow.o --whole-archive ${files}
  COMMAND ${CMAKE_OBJCOPY} --keep-global-symbols=${library}/symbols ${library}/rainbow.o)
set_source_files_properties(${library}/rainbow.o PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
add_custom_target(librainbow_object DEPENDS ${library}/rainbow.o ${library}/symbols.map)

add_library(librainbow SHARED ${library}/rainbow.o)
target_link_libraries(librainbow PRIVATE ${outside})
# Threads and handlers of fork and exit point into the library, so dlclose leaves it where it is.
target_link_options(librainbow PRIVATE LINKER:--version-script=${library}/symbols.map LINKER:-Bsymbolic LINKER:-z,defs LINKER:-z,nodelete)
set_target_properties(librainbow PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${RB_ABI} LINK_DEPENDS ${library}/symbols.map)
add_library(librainbow_static STATIC ${library}/rainbow.o)
foreach(target librainbow librainbow_static)
  add_dependencies(${target} librainbow_object)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME rainbow LINKER_LANGUAGE C)
endforeach()
