# cmake --install BUILD --prefix PREFIX, in three components (--component NAME):
#
#     program      rainbow, its man page, its completion for bash and zsh, its pages, and the scripts and the shim that it names
#     library      librainbow.so.N
#     development  what other programs are built with: the headers, librainbow.a, and the packages of pkg-config and CMake
#
# The prefix may be moved afterwards. A library that is not built is left out, so a build of the target `rainbow` alone can be
# installed too.
set(share ${CMAKE_INSTALL_DATADIR}/rainbow)
install(TARGETS rainbow RUNTIME COMPONENT program)
install(PROGRAMS scripts/get-atari scripts/get-gymnasium scripts/get-accelerator scripts/get-onnx scripts/get-optuna scripts/get-trackers
  scripts/track-wandb scripts/torch-to-safetensors
  DESTINATION ${share}/scripts COMPONENT program)
install(FILES scripts/common.sh DESTINATION ${share}/scripts COMPONENT program)
install(DIRECTORY emulator DESTINATION ${share} COMPONENT program FILES_MATCHING PATTERN "*.h" PATTERN "*.cpp")
install(DIRECTORY examples DESTINATION ${share} COMPONENT program FILES_MATCHING PATTERN "*.c" PATTERN "*.cpp" PATTERN "*.h" PATTERN "*.py" PATTERN "*.md" PATTERN "*.txt" PATTERN "*.yaml" PATTERN "Containerfile"
  PATTERN "examples/browser" EXCLUDE
  PATTERN __pycache__ EXCLUDE)
install(FILES README.md CHANGELOG.md DESIGN.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program
  FILES_MATCHING PATTERN "*.md" PATTERN "*.png" PATTERN "*.svg")
install(DIRECTORY include/rainbow DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development FILES_MATCHING PATTERN "*.h")

# The program writes its own pages from the tables of its help, during the installation.
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  message(STATUS "The man page and the completion will not be installed: this machine cannot run the program that writes them")
else()
  set(pages ${CMAKE_CURRENT_BINARY_DIR}/pages)
  file(MAKE_DIRECTORY ${pages})
  function(rb_install_page name destination)
    install(CODE "execute_process(COMMAND ${CMAKE_CROSSCOMPILING_EMULATOR} \"$<TARGET_FILE:rainbow>\" help ${ARGN}
      OUTPUT_FILE \"${pages}/${name}\" COMMAND_ERROR_IS_FATAL ANY)" COMPONENT program)
    install(FILES ${pages}/${name} DESTINATION ${destination} COMPONENT program)
  endfunction()
  rb_install_page(rainbow.1 ${CMAKE_INSTALL_MANDIR}/man1 --man)
  rb_install_page(rainbow ${CMAKE_INSTALL_DATADIR}/bash-completion/completions --completion bash)
  rb_install_page(_rainbow ${CMAKE_INSTALL_DATADIR}/zsh/site-functions --completion zsh)
endif()

if(NOT RB_LIBRARY)
  return()
endif()
install(TARGETS librainbow LIBRARY COMPONENT library OPTIONAL NAMELINK_COMPONENT development)
install(FILES $<TARGET_FILE:librainbow_static> DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development OPTIONAL)

# What a program that links librainbow.a links too, in the words of pkg-config and of CMake.
set(modules "")   # "libcjson"
set(libraries "") # "-lm"
set(links "")     # "cjson" "m"
foreach(link IN LISTS rb_outside)
  if(link STREQUAL "Threads::Threads")
    list(APPEND libraries -pthread)
    list(APPEND links Threads::Threads)
  elseif(link STREQUAL "GIF::GIF")
    list(APPEND libraries -lgif)
    list(APPEND links gif)
  elseif(link MATCHES "^PkgConfig::(.+)$")
    list(APPEND modules ${${CMAKE_MATCH_1}_MODULE_NAME})
    list(APPEND links ${${CMAKE_MATCH_1}_LIBRARIES})
  else()
    list(APPEND libraries -l${link})
    list(APPEND links ${link})
  endif()
endforeach()
list(JOIN modules ", " PC_MODULES)
list(JOIN libraries " " PC_LIBRARIES)
list(JOIN links " " LINKS)

include(CMakePackageConfigHelpers)
set(package ${CMAKE_CURRENT_BINARY_DIR}/package)
set(config ${CMAKE_INSTALL_LIBDIR}/cmake/rainbow)
file(RELATIVE_PATH PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" PC_PREFIX ${PC_PREFIX})
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
  message(FATAL_ERROR "CMAKE_INSTALL_LIBDIR must be relative to the prefix, which the installed packages of pkg-config and CMake are found from")
endif()
configure_file(cmake/rainbow.pc.in ${package}/rainbow.pc @ONLY)
configure_file(cmake/rainbow-static.pc.in ${package}/rainbow-static.pc @ONLY)
set(LIBRARY ${CMAKE_INSTALL_LIBDIR})
set(INCLUDE ${CMAKE_INSTALL_INCLUDEDIR})
configure_package_config_file(cmake/rainbow-config.cmake.in ${package}/rainbow-config.cmake
  INSTALL_DESTINATION ${config} PATH_VARS LIBRARY INCLUDE NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${package}/rainbow-config-version.cmake COMPATIBILITY SameMajorVersion)
install(CODE "if(EXISTS \"$<TARGET_FILE:librainbow_static>\" AND EXISTS \"$<TARGET_FILE:librainbow>\")
    file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/pkgconfig\" TYPE FILE FILES
      \"${package}/rainbow.pc\" \"${package}/rainbow-static.pc\")
    file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${config}\" TYPE FILE FILES
      \"${package}/rainbow-config.cmake\" \"${package}/rainbow-config-version.cmake\")
    if(CMAKE_INSTALL_DO_STRIP)
      execute_process(COMMAND \"${CMAKE_STRIP}\" --strip-debug
        \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/$<TARGET_FILE_NAME:librainbow_static>\" COMMAND_ERROR_IS_FATAL ANY)
    endif()
  else()
    message(STATUS \"librainbow is not built, so it is not installed; cmake --build ${PROJECT_BINARY_DIR} builds it\")
  endif()" COMPONENT development)
