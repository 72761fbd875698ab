# What Debian wants in a package and an installation has not: each package's copyright and changelog, and a compressed man page.
# CPack runs this between installing the components and packing them.
string(REPLACE "," ";" names "${CPACK_RB_NAMES}")
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC) # of SOURCE_DATE_EPOCH if it is set
foreach(pair ${names})
  string(REGEX MATCH "^(.*)=(.*)$" pair ${pair})
  set(root ${CPACK_TEMPORARY_DIRECTORY}/${CMAKE_MATCH_1}/usr/share)
  set(name ${CMAKE_MATCH_2})
  if(NOT EXISTS ${CPACK_TEMPORARY_DIRECTORY}/${CMAKE_MATCH_1})
    continue()
  endif()
  file(REMOVE ${root}/doc/${name}/LICENSE)
  if(EXISTS ${root}/doc/${name}/CHANGELOG.md)
    file(RENAME ${root}/doc/${name}/CHANGELOG.md ${root}/doc/${name}/changelog)
  endif()
  file(READ ${CPACK_RB_LICENSE} license)
  file(WRITE ${root}/doc/${name}/copyright "${license}")
  file(WRITE ${root}/doc/${name}/changelog.Debian "${name} (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * Version ${CPACK_PACKAGE_VERSION}; the changelog of the package rainbow has the changes.

 -- ${CPACK_PACKAGE_CONTACT}  ${now}
")
  file(GLOB pages ${root}/man/man1/*.1)
  file(GLOB changes ${root}/doc/${name}/changelog*)
  execute_process(COMMAND gzip -9nf ${changes} ${pages} COMMAND_ERROR_IS_FATAL ANY)
  file(CHMOD_RECURSE ${root}/doc/${name} FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ
    DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endforeach()
