# SQLite as a static library of ours: version 3.51.3 or newer, without what Punkt never uses.
set(punkt_sqlite_folder ${CMAKE_SOURCE_DIR}/build/sqlite)
execute_process(COMMAND ${CMAKE_SOURCE_DIR}/scripts/fetch_sqlite.sh ${punkt_sqlite_folder} RESULT_VARIABLE punkt_sqlite_failed)
if(punkt_sqlite_failed)
  message(FATAL_ERROR "SQLite's source could not be fetched (see above).")
endif()
add_library(punkt_sqlite STATIC ${punkt_sqlite_folder}/sqlite3.c)
target_include_directories(punkt_sqlite SYSTEM PUBLIC ${punkt_sqlite_folder})
target_compile_definitions(punkt_sqlite PRIVATE
  SQLITE_THREADSAFE=2 SQLITE_DEFAULT_MEMSTATUS=0 SQLITE_DQS=0 SQLITE_LIKE_DOESNT_MATCH_BLOBS SQLITE_MAX_EXPR_DEPTH=0
  SQLITE_OMIT_DEPRECATED SQLITE_OMIT_SHARED_CACHE SQLITE_OMIT_LOAD_EXTENSION SQLITE_USE_ALLOCA SQLITE_MAX_MMAP_SIZE=0
  SQLITE_TEMP_STORE=2 SQLITE_DEFAULT_FOREIGN_KEYS=0 HAVE_FDATASYNC=1)
target_compile_options(punkt_sqlite PRIVATE -w -O2)
