// Asio's own compiled part: BOOST_ASIO_SEPARATE_COMPILATION lets every other file include declarations only. Its TLS
// part is compiled where TLS is used.
#include <boost/asio/impl/src.hpp>
