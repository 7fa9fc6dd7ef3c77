//! How content becomes bytes and back.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// What a field of an event or command may hold: serde writes and reads it, and any thread may own it.
///
/// Every type that can be, is. It is the bound that the derive macros put on the type parameters of events and commands.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be held by events and commands",
    label = "serde does not write and read it, or threads cannot share it",
    note = "derive `serde::Serialize` and `serde::Deserialize` for `{Self}`, or for what it is made of"
)]
pub trait Content: Serialize + DeserializeOwned + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Content for T {}

/// The number that a store keeps beside bytes, to say how they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Encoding(u16);

impl Encoding {
    /// JSON (RFC 8259), without white space.
    pub const JSON: Self = Self(1);

    /// The encoding that a store kept; it may be one that this program cannot read.
    pub const fn from_number(number: u16) -> Self {
        Self(number)
    }

    /// The number to keep.
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::JSON => f.write_str("JSON"),
            Self(number) => write!(f, "encoding {number}"),
        }
    }
}

/// Content as bytes, with the way they are written. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Payload {
    /// How the bytes are written.
    pub encoding: Encoding,
    /// The bytes.
    pub data: Bytes,
}

/// Content that cannot be written, such as a map whose keys are not texts.
#[derive(Error)]
#[error("the content cannot be written as {encoding}")]
pub struct EncodeError {
    encoding: Encoding,
    source: serde_json::Error,
}

/// Bytes that cannot be read as what they should be.
#[derive(Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// The program does not know the encoding.
    #[error("{0} is unknown to this program")]
    UnknownEncoding(Encoding),
    /// The bytes are not valid, or not of the expected shape.
    #[error("the bytes are not the expected JSON")]
    Json(#[from] serde_json::Error),
}

crate::__debug_as_told!(EncodeError, PayloadError);

/// `content` as a JSON value. A number that JSON values cannot hold exactly is refused.
pub(crate) fn to_json(content: &impl Serialize) -> Result<serde_json::Value, EncodeError> {
    serde_json::to_value(content).map_err(|source| EncodeError { encoding: Encoding::JSON, source })
}

/// Where content that becomes JSON is written to.
pub(crate) type JsonWriter<'a, 'b> = &'a mut serde_json::Serializer<&'b mut Vec<u8>>;

/// Where content that is JSON is read from.
pub(crate) type JsonReader<'a, 'de> = &'a mut serde_json::Deserializer<serde_json::de::SliceRead<'de>>;

impl Payload {
    /// Writes `content` as JSON.
    ///
    /// # Errors
    /// [`EncodeError`] if JSON has no way to write it.
    pub fn json(content: &(impl Serialize + ?Sized)) -> Result<Self, EncodeError> {
        Self::written(|writer| content.serialize(writer))
    }

    /// Lets `write` write JSON.
    pub(crate) fn written(write: impl FnOnce(JsonWriter<'_, '_>) -> serde_json::Result<()>) -> Result<Self, EncodeError> {
        let mut data = Vec::with_capacity(128);
        match write(&mut serde_json::Serializer::new(&mut data)) {
            Ok(()) => Ok(Self { encoding: Encoding::JSON, data: data.into() }),
            Err(source) => Err(EncodeError { encoding: Encoding::JSON, source }),
        }
    }

    /// Reads the content.
    ///
    /// # Errors
    /// [`PayloadError`] if the encoding is unknown or the bytes do not fit `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, PayloadError> {
        self.read_with(|reader| T::deserialize(reader))
    }

    /// Lets `read` read the content, all of it.
    pub(crate) fn read_with<T>(&self, read: impl FnOnce(JsonReader<'_, '_>) -> serde_json::Result<T>) -> Result<T, PayloadError> {
        match self.encoding {
            Encoding::JSON => {
                let mut reader = serde_json::Deserializer::from_slice(&self.data);
                let content = read(&mut reader)?;
                reader.end()?;
                Ok(content)
            }
            unknown => Err(PayloadError::UnknownEncoding(unknown)),
        }
    }

    /// The length of the bytes.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }
}

impl fmt::Debug for Payload {
    /// Shows length and encoding only: content may be personal data and does not belong in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes of {})", self.len(), self.encoding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_encoding_is_named() {
        let payload = Payload { encoding: Encoding::from_number(77), data: Bytes::from_static(b"{}") };
        assert_eq!(payload.read::<u64>().unwrap_err().to_string(), "encoding 77 is unknown to this program");
    }

    #[test]
    fn content_never_reaches_a_log_by_debug() {
        let payload = Payload::json("secret").unwrap();
        assert_eq!(format!("{payload:?}"), "Payload(8 bytes of JSON)");
    }
}
