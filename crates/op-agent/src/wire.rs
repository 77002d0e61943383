//! The frames of the socket, in both directions. docs/agent.md describes them.

use std::io;

use op_core::{Bytes, Message};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use zeroize::Zeroizing;

/// The longest header, in bytes.
pub const MAX_HEADER: usize = 64 << 10;
/// The longest frame, in bytes, without its first four.
pub const MAX_FRAME: usize = 65 << 20;
/// A frame of at most this size is copied, so that it is sent at once.
const SMALL: usize = 64 << 10;

/// The header of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestHeader {
    /// The number of the request, unique in its connection while it is in progress.
    pub call: u64,
    /// What is asked for.
    pub kind: Kind,
    /// The lengths of the text and of the attachments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lengths: Vec<usize>,
}

/// The header of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerHeader {
    /// The number of the request.
    pub call: u64,
    /// Whether the text is the result; otherwise it is the error.
    pub ok: bool,
    /// The lengths of the text and of the attachments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lengths: Vec<usize>,
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// Sign in with the configuration in the text.
    SignIn,
    /// Run the invocation in the text.
    Invoke,
    /// Answer a program with a public SDK, as [`crate::desktop`] has it. One connection for each request is enough.
    Desktop,
    /// End the request with this number. It gets no answer.
    Cancel,
    /// Say what the agent has, as [`crate::control::Status`].
    Status,
    /// Forget the keys of one account or all: [`crate::control::Lock`].
    Lock,
    /// Unlock an account with its password: [`crate::control::Unlock`].
    Unlock,
    /// Wait for a prompt: [`crate::control::Pending`].
    Pending,
    /// Answer a prompt: [`crate::control::Answer`].
    Answer,
    /// List the grants.
    Sessions,
    /// End grants: [`crate::control::Revoke`].
    Revoke,
    /// Return what was decided: [`crate::control::Log`].
    Log,
    /// A kind that this version does not know. It is refused.
    #[serde(other)]
    Unknown,
}

/// A header, which says how long the parts after it are.
pub trait Header: Serialize + DeserializeOwned {
    /// Returns the lengths of the parts.
    fn lengths(&self) -> &[usize];
}

impl Header for RequestHeader {
    fn lengths(&self) -> &[usize] {
        &self.lengths
    }
}

impl Header for AnswerHeader {
    fn lengths(&self) -> &[usize] {
        &self.lengths
    }
}

/// Returns the lengths of a message's parts, for its header.
#[must_use]
pub fn lengths(message: &Message) -> Vec<usize> {
    if message.text.is_empty() && message.attachments.is_empty() {
        return Vec::new();
    }
    parts(message).map(<[u8]>::len).collect()
}

/// Reads a frame; `None` at the end of the stream.
///
/// # Errors
/// The stream ends within a frame, or the frame is malformed or too long.
pub async fn read<H: Header>(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<(H, Message)>> {
    let Some(length) = read_length(stream).await? else { return Ok(None) };
    if length > MAX_HEADER {
        return Err(malformed("the header is too long"));
    }
    let header: H = serde_json::from_slice(&read_part(stream, length).await?).map_err(|error| malformed(&error))?;
    let total = header.lengths().iter().try_fold(length, |total, part| total.checked_add(*part));
    if total.is_none_or(|total| total > MAX_FRAME) {
        return Err(malformed("the frame is too long"));
    }
    let mut parts = header.lengths().iter();
    let mut message = Message::default();
    if let Some(length) = parts.next() {
        let mut text = read_part(stream, *length).await?;
        let text = String::from_utf8(std::mem::take(&mut *text)).map_err(|error| {
            drop(Zeroizing::new(error.into_bytes()));
            malformed("the text is not UTF-8")
        })?;
        message.text = text.into();
    }
    for length in parts {
        message.attachments.push(Bytes::from(read_part(stream, *length).await?));
    }
    Ok(Some((header, message)))
}

/// Writes a frame. `header` has the [`lengths`] of the message.
///
/// # Errors
/// The stream is closed, or the frame is too long.
pub async fn write(stream: &mut (impl AsyncWrite + Unpin), header: &impl Header, message: &Message) -> io::Result<()> {
    let encoded = serde_json::to_vec(header).map_err(|error| malformed(&error))?;
    let total = header.lengths().iter().fold(encoded.len(), |total, part| total.saturating_add(*part));
    if encoded.len() > MAX_HEADER || total > MAX_FRAME {
        return Err(malformed("the frame is too long"));
    }
    let length = u32::try_from(encoded.len()).map_err(|error| malformed(&error))?;
    let mut small = Zeroizing::new(Vec::with_capacity(4 + total.min(SMALL)));
    small.extend_from_slice(&length.to_le_bytes());
    small.extend_from_slice(&encoded);
    let parts = parts(message).take(header.lengths().len());
    if total <= SMALL {
        parts.for_each(|part| small.extend_from_slice(part));
        stream.write_all(&small).await?;
    } else {
        stream.write_all(&small).await?;
        for part in parts {
            stream.write_all(part).await?;
        }
    }
    stream.flush().await
}

fn parts(message: &Message) -> impl Iterator<Item = &[u8]> {
    std::iter::once(message.text.as_bytes()).chain(message.attachments.iter().map(|bytes| &**bytes))
}

async fn read_length(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<usize>> {
    let mut length = [0; 4];
    let read = stream.read(&mut length[..1]).await?;
    if read == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut length[1..]).await?;
    usize::try_from(u32::from_le_bytes(length)).map(Some).map_err(|error| malformed(&error))
}

/// Reads a part. The buffer grows with what has arrived, so that an announced length alone reserves nothing.
async fn read_part(stream: &mut (impl AsyncRead + Unpin), length: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut part = Zeroizing::new(Vec::with_capacity(length.min(SMALL)));
    while part.len() < length {
        let have = part.len();
        // A buffer that grows leaves a copy behind, so the part moves to a new one and the old one is wiped.
        if have == part.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(length.min(4 * have.max(SMALL))));
            larger.extend_from_slice(&part);
            part = larger;
        }
        let room = (part.capacity() - have).min(length - have) as u64;
        if (&mut *stream).take(room).read_buf(&mut *part).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(part)
}

fn malformed(reason: &(impl ToString + ?Sized)) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        let attachments = vec![Bytes::from(vec![7; 200_000]), Bytes::default()];
        Message { text: "an invocation".to_owned().into(), attachments }
    }

    async fn encoded(kind: Kind, message: &Message) -> Vec<u8> {
        let mut out = Vec::new();
        let header = RequestHeader { call: 3, kind, lengths: lengths(message) };
        write(&mut out, &header, message).await.unwrap();
        out
    }

    #[tokio::test]
    async fn frames_are_read_as_they_were_written() {
        let mut stream = encoded(Kind::Invoke, &message()).await;
        stream.extend(encoded(Kind::Cancel, &Message::default()).await);
        let mut stream = &stream[..];
        let (header, read_back) = read::<RequestHeader>(&mut stream).await.unwrap().unwrap();
        assert_eq!((header.call, header.kind, read_back), (3, Kind::Invoke, message()));
        let (header, read_back) = read::<RequestHeader>(&mut stream).await.unwrap().unwrap();
        assert_eq!((header.kind, read_back), (Kind::Cancel, Message::default()));
        assert!(read::<RequestHeader>(&mut stream).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn frames_that_lie_about_their_length_are_refused() {
        let whole = encoded(Kind::Invoke, &message()).await;
        for cut in [1, 3, 10, whole.len() - 1] {
            assert!(read::<RequestHeader>(&mut &whole[..cut]).await.is_err(), "{cut}");
        }
        for header in [
            r#"{"call":1,"kind":"invoke","lengths":[68157441]}"#,
            r#"{"call":1,"kind":"invoke","lengths":[18446744073709551615,18446744073709551615]}"#,
            r#"{"call":-1,"kind":"invoke"}"#,
            "{}",
        ] {
            let frame = [&u32::try_from(header.len()).unwrap().to_le_bytes()[..], header.as_bytes()].concat();
            let error = read::<RequestHeader>(&mut &frame[..]).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{header}");
        }
        let huge = u32::MAX.to_le_bytes();
        assert_eq!(read::<RequestHeader>(&mut &huge[..]).await.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[tokio::test]
    async fn unknown_kinds_are_read() {
        let header = r#"{"call":1,"kind":"dance"}"#;
        let frame = [&u32::try_from(header.len()).unwrap().to_le_bytes()[..], header.as_bytes()].concat();
        assert_eq!(read::<RequestHeader>(&mut &frame[..]).await.unwrap().unwrap().0.kind, Kind::Unknown);
    }
}
