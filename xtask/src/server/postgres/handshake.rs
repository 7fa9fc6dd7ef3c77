//! Knocks at a PostgreSQL server: the start of its protocol, by hand.
//!
//! <https://www.postgresql.org/docs/current/protocol-message-formats.html>

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use super::super::Answer;
use super::url::Url;

const PATIENCE: Duration = Duration::from_secs(5);

/// Version 3.0 of the protocol.
const VERSION: u32 = 3 << 16;
/// What stands in the place of the version to ask for TLS.
const TLS: u32 = 80_877_103;

/// A server that says more than this to somebody at the door is none.
const LONGEST: u32 = 64 * 1024;

/// What went wrong at the door.
#[derive(Debug)]
enum Refusal {
    /// The server said it, perhaps because we came without TLS.
    Said { message: String, is_way: bool },
    /// It was lost, or speaks another language.
    Lost(io::Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Lost(error)
    }
}

/// What the server answers; the error continues a sentence that begins with its address.
pub(super) fn answer(url: &Url) -> Result<Answer, String> {
    let unreachable = |error| format!("cannot be reached: {error}");
    let greeted = greet(&mut connect(url).map_err(unreachable)?, url);
    match greeted {
        Ok(answer) => Ok(answer),
        // Perhaps it would let us in through TLS, which is for the tests to see.
        Err(Refusal::Said { is_way: true, .. }) if connect(url).is_ok_and(has_tls) => Ok(Answer::Challenge),
        Err(Refusal::Said { message, .. }) => Err(format!("does not let us in: {message}")),
        Err(Refusal::Lost(error)) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
            Err(format!("does not answer within {} seconds", PATIENCE.as_secs()))
        }
        Err(Refusal::Lost(error)) => Err(format!("does not answer like PostgreSQL: {error}")),
    }
}

trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

fn connect(url: &Url) -> io::Result<Box<dyn Stream>> {
    #[cfg(unix)]
    if url.host.starts_with('/') {
        let stream = std::os::unix::net::UnixStream::connect(format!("{}/.s.PGSQL.{}", url.host, url.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        return Ok(Box::new(stream));
    }
    let mut last = io::Error::other("the host has no address");
    for address in (url.host.as_str(), url.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                return Ok(Box::new(stream));
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Says who we are, and listens until the server is ready or asks for more.
fn greet(stream: &mut (impl Stream + ?Sized), url: &Url) -> Result<Answer, Refusal> {
    let mut startup = VERSION.to_be_bytes().to_vec();
    for text in ["user", &url.user, "database", &url.database, ""] {
        startup.extend(text.bytes().chain([0]));
    }
    stream.write_all(&with_length(&startup))?;
    stream.flush()?;
    let mut is_in = false;
    loop {
        let (kind, body) = read_message(stream)?;
        match kind {
            b'R' if body != [0; 4] => return Ok(Answer::Challenge),
            b'Z' => {
                // It would write about us if we just went.
                stream.write_all(b"X\0\0\0\x04")?;
                return Ok(Answer::Welcome);
            }
            b'R' => is_in = true,
            b'E' => {
                // The rules about who may come which way are asked first, and then whether there is such a user.
                let is_way = !is_in && field(&body, b'C') == "28000";
                return Err(Refusal::Said { message: field(&body, b'M'), is_way });
            }
            // Settings, the key to cancel with, a notice, older versions of the protocol.
            b'S' | b'K' | b'N' | b'v' => {}
            other => return Err(io::Error::other(format!("there is no message {:?}", char::from(other))).into()),
        }
    }
}

/// Whether the server speaks TLS.
fn has_tls(mut stream: Box<dyn Stream>) -> bool {
    let mut answer = [0];
    let asked = stream.write_all(&with_length(&TLS.to_be_bytes())).and_then(|()| stream.read_exact(&mut answer));
    asked.is_ok() && answer == *b"S"
}

/// A message begins with its length, which counts itself.
fn with_length(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), body].concat()
}

fn read_message(stream: &mut (impl Read + ?Sized)) -> io::Result<(u8, Vec<u8>)> {
    let mut kind = [0];
    stream.read_exact(&mut kind)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length);
    if !(4..LONGEST).contains(&length) {
        return Err(io::Error::other("its first words are none of the protocol"));
    }
    let mut body = Vec::new();
    stream.take(u64::from(length) - 4).read_to_end(&mut body)?;
    Ok((kind[0], body))
}

/// Reads a field of an error: each is a letter and a text.
fn field(error: &[u8], letter: u8) -> String {
    let field = error.split(|byte| *byte == 0).find(|field| field.first() == Some(&letter)).unwrap_or_default();
    String::from_utf8_lossy(field.get(1..).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};
    use std::thread;

    use super::*;

    /// A server that says one thing to each who comes, in order.
    fn server(says: &'static [&'static [u8]]) -> Url {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for text in says {
                let mut stream = listener.accept().unwrap().0;
                let mut length = [0; 4];
                stream.read_exact(&mut length).unwrap();
                let mut rest = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap() - 4];
                stream.read_exact(&mut rest).unwrap();
                stream.write_all(text).unwrap();
            }
        });
        Url::parse(&format!("postgres://ann@127.0.0.1:{port}/shop")).unwrap()
    }

    #[test]
    fn one_that_lets_us_in_is_welcome() {
        let url = server(&[b"R\0\0\0\x08\0\0\0\0S\0\0\0\x08a\0b\0K\0\0\0\x0c\0\0\0\x01\0\0\0\x02Z\0\0\0\x05I"]);
        assert_eq!(answer(&url), Ok(Answer::Welcome));
    }

    #[test]
    fn one_that_asks_for_a_password_answers() {
        assert_eq!(answer(&server(&[b"R\0\0\0\x08\0\0\0\x03"])), Ok(Answer::Challenge));
    }

    #[test]
    fn one_that_refuses_says_why() {
        let url = server(&[b"R\0\0\0\x08\0\0\0\0E\0\0\0\x23SFATAL\0C3D000\0Mthere is no shop\0\0"]);
        assert_eq!(answer(&url), Err("does not let us in: there is no shop".to_owned()));
    }

    #[test]
    fn one_that_wants_tls_answers() {
        const NO_ENTRY: &[u8] = b"E\0\0\0\x15C28000\0Mno entry\0\0";
        assert_eq!(answer(&server(&[NO_ENTRY, b"S"])), Ok(Answer::Challenge));
        assert_eq!(answer(&server(&[NO_ENTRY, b"N"])), Err("does not let us in: no entry".to_owned()));

        const NO_USER: &[u8] = b"R\0\0\0\x08\0\0\0\0E\0\0\0\x15C28000\0Mno user\0\0";
        assert_eq!(answer(&server(&[NO_USER, b"S"])), Err("does not let us in: no user".to_owned()));
    }

    #[test]
    fn another_server_is_none() {
        let failure = "does not answer like PostgreSQL: its first words are none of the protocol";
        assert_eq!(answer(&server(&[b"HTTP/1.1 400 Bad Request"])), Err(failure.to_owned()));
        assert!(answer(&server(&[b""])).is_err_and(|why| why.starts_with("does not answer like PostgreSQL")));
    }

    #[test]
    fn nobody_at_home_is_told() {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let url = Url::parse(&format!("postgres://ann@127.0.0.1:{port}/shop")).unwrap();
        assert!(answer(&url).is_err_and(|why| why.starts_with("cannot be reached")));
    }
}
