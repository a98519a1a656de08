# docs/openapi/*.yaml become one document inside punkt_app.
file(GLOB punkt_openapi CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/openapi/*.yaml)
add_custom_command(
  OUTPUT ${CMAKE_BINARY_DIR}/generated/openapi.cpp
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/scripts/openapi.py ${punkt_version}
          ${CMAKE_BINARY_DIR}/generated/openapi.cpp --cpp
  DEPENDS ${punkt_openapi} ${CMAKE_SOURCE_DIR}/scripts/openapi.py
  COMMENT "Describing the API")
target_sources(punkt_app PRIVATE ${CMAKE_BINARY_DIR}/generated/openapi.cpp)
