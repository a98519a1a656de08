# The page of /api/v1/docs and what it loads become bytes inside punkt_app.
set(punkt_swagger_folder ${CMAKE_SOURCE_DIR}/build/swagger-ui)
execute_process(COMMAND ${CMAKE_SOURCE_DIR}/scripts/fetch_swagger_ui.sh ${punkt_swagger_folder}
                RESULT_VARIABLE punkt_swagger_failed)
if(punkt_swagger_failed)
  message(FATAL_ERROR "Swagger UI could not be fetched (see above).")
endif()
file(GLOB punkt_docs_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/app/docs_viewer/*)
list(APPEND punkt_docs_files ${punkt_swagger_folder}/swagger-ui.css.gz ${punkt_swagger_folder}/swagger-ui-bundle.js.gz)
# Written anew when a file changes: the compiler does not see through .incbin.
add_custom_command(
  OUTPUT ${CMAKE_BINARY_DIR}/generated/docs_assets.cpp
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/scripts/embed.py ${CMAKE_BINARY_DIR}/generated/docs_assets.cpp
          ${punkt_docs_files}
  DEPENDS ${punkt_docs_files} ${CMAKE_SOURCE_DIR}/scripts/embed.py
  COMMENT "Embedding the viewer of the API")
target_sources(punkt_app PRIVATE ${CMAKE_BINARY_DIR}/generated/docs_assets.cpp)
set_source_files_properties(${CMAKE_BINARY_DIR}/generated/docs_assets.cpp PROPERTIES OBJECT_DEPENDS "${punkt_docs_files}")
