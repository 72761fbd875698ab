# cmake --install BUILD --prefix PREFIX: the program, its public headers, its man page, and its completion for bash and zsh.
include(GNUInstallDirs)
install(TARGETS rainbow RUNTIME)
install(DIRECTORY include/rainbow DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

# The program writes its own pages from the tables of its help. It does so during the installation, so a build of the target
# `rainbow` alone can be installed too.
if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
  message(STATUS "The man page and the completion will not be installed: this machine cannot run the program that writes them")
else()
  set(pages ${CMAKE_CURRENT_BINARY_DIR}/pages)
  file(MAKE_DIRECTORY ${pages})
  function(rb_install_page name destination)
    install(CODE "execute_process(COMMAND ${CMAKE_CROSSCOMPILING_EMULATOR} \"$<TARGET_FILE:rainbow>\" help ${ARGN}
      OUTPUT_FILE \"${pages}/${name}\" COMMAND_ERROR_IS_FATAL ANY)")
    install(FILES ${pages}/${name} DESTINATION ${destination})
  endfunction()
  rb_install_page(rainbow.1 ${CMAKE_INSTALL_MANDIR}/man1 --man)
  rb_install_page(rainbow ${CMAKE_INSTALL_DATADIR}/bash-completion/completions --completion bash)
  rb_install_page(_rainbow ${CMAKE_INSTALL_DATADIR}/zsh/site-functions --completion zsh)
endif()
