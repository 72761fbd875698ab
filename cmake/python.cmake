# The Python package's wheel (pyproject.toml): the library as a module of Python's stable ABI, and the program beside it.
find_package(Python REQUIRED COMPONENTS Interpreter Development.SABIModule)
set(module ${CMAKE_CURRENT_BINARY_DIR}/python/_rainbow.c)
file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/python)
add_custom_command(OUTPUT ${module}
  COMMAND Python::Interpreter ${PROJECT_SOURCE_DIR}/python/build_library.py ${module}
  DEPENDS ${PROJECT_SOURCE_DIR}/python/build_library.py VERBATIM)
Python_add_library(_rainbow MODULE USE_SABI 3.9 WITH_SOABI ${module})
target_link_libraries(_rainbow PRIVATE rb_rooms)
target_link_options(_rainbow PRIVATE -Wl,--exclude-libs,ALL)
install(TARGETS _rainbow DESTINATION rainbow_dqn COMPONENT python)
install(TARGETS rainbow DESTINATION rainbow_dqn COMPONENT python)
install(FILES src/env/gym_spaces.py DESTINATION rainbow_dqn COMPONENT python RENAME _gym_spaces.py)
