# cpack -G DEB, in the build's directory: three Debian packages, one per component of the installation.
#
#     rainbow         the program
#     librainbowN     the shared library
#     librainbow-dev  headers, the static library, pkg-config's and CMake's packages
#
# dpkg-shlibdeps finds what the files are linked to. What is opened at run time, and what programs that link librainbow.a need, is
# found here, by the files that this build uses. -DCMAKE_INSTALL_PREFIX=/usr puts the library into Debian's multiarch directory.
function(rb_debian_packages out) # FILE...: the packages that own these files, without doubles
  set(packages "")
  foreach(file IN LISTS ARGN)
    execute_process(COMMAND dpkg-query -S ${file} OUTPUT_VARIABLE owner ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(owner MATCHES "^([a-z0-9.+-]+)[,:]")
      list(APPEND packages ${CMAKE_MATCH_1})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES packages)
  list(JOIN packages ", " packages)
  set(${out} "${packages}" PARENT_SCOPE)
endfunction()

find_program(RB_DPKG_QUERY dpkg-query)
if(RB_DPKG_QUERY)
  set(opened "")
  foreach(link IN LISTS FFMPEG_LINK_LIBRARIES SDL2_LINK_LIBRARIES)
    if(EXISTS ${link})
      file(REAL_PATH ${link} real)
      list(APPEND opened ${real})
    endif()
  endforeach()
  rb_debian_packages(opened_packages ${opened})
  set(needed "")
  foreach(link IN LISTS rb_outside)
    if(link MATCHES "^PkgConfig::(.+)$")
      pkg_get_variable(folder ${${CMAKE_MATCH_1}_MODULE_NAME} pcfiledir)
      list(APPEND needed ${folder}/${${CMAKE_MATCH_1}_MODULE_NAME}.pc)
    elseif(link STREQUAL "GIF::GIF")
      list(APPEND needed ${GIF_INCLUDE_DIR}/gif_lib.h)
    endif()
  endforeach()
  rb_debian_packages(needed_packages ${needed})
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME rainbow)
set(CPACK_PACKAGE_VENDOR "Rainbow developers")
set(CPACK_PACKAGE_CONTACT "Rainbow developers <rainbow@example.org>") # Debian requires an address; this host is reserved for examples
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program)
if(RB_LIBRARY)
  list(APPEND CPACK_COMPONENTS_ALL library development)
endif()
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/package_files.cmake)
set(CPACK_RB_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_RB_NAMES "program=rainbow,library=librainbow${RB_ABI},development=librainbow-dev")

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME rainbow)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "deep Q-learning agents for Atari and other environments
Rainbow trains DQN, Rainbow and every combination of the improvements between
them, on Atari 2600 games, small built-in tasks, Gymnasium environments and
custom environments in C or Python.")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "gnuplot-nox | gnuplot, python3, ${opened_packages}")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "python3-venv, g++")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME librainbow${RB_ABI})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(control ${CMAKE_CURRENT_BINARY_DIR}/control)
file(WRITE ${control}/triggers "activate-noawait ldconfig\n")
file(WRITE ${control}/shlibs "librainbow ${RB_ABI} librainbow${RB_ABI} (>= ${PROJECT_VERSION})\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${control}/triggers ${control}/shlibs)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "deep Q-learning agents, shared library
Training, resuming, evaluating and exporting the agents of rainbow from
another program.")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SUGGESTS "rainbow, gnuplot-nox | gnuplot, ${opened_packages}")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME librainbow-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "deep Q-learning agents, development files
The headers, the static library, and the packages for pkg-config and CMake.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "librainbow${RB_ABI} (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}), ${needed_packages}")
foreach(list PROGRAM_PACKAGE_RECOMMENDS LIBRARY_PACKAGE_SUGGESTS DEVELOPMENT_PACKAGE_DEPENDS) # if the last of them is empty
  string(REGEX REPLACE ", $" "" CPACK_DEBIAN_${list} "${CPACK_DEBIAN_${list}}")
endforeach()
include(CPack)
