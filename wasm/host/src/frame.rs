//! The encoding of messages between host and module: a JSON header, followed by raw bytes.
//!
//! ```text
//! length of the header: u32, little endian | header: JSON | attachments, one after the other
//! ```
//!
//! The header contains the length of each attachment, except that an [`Event`] has at most one, which is the rest of
//! the frame. Bodies, results and the bytes in them are never base64 or JSON numbers.

use op_core::{
    Error, ErrorKind, Message,
    host::{HttpResponse, TransportError, TransportErrorKind},
};
use op_protocol::json;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::ops::Event;

/// Builds a frame.
pub fn encode<'a>(header: &impl Serialize, attachments: impl Iterator<Item = &'a [u8]> + Clone) -> Zeroizing<Vec<u8>> {
    // Serializing cannot fail, because headers are structs of numbers and strings.
    let header = Zeroizing::new(serde_json::to_vec(header).unwrap_or_default());
    // The exact capacity, so that no reallocation leaves copies of secrets behind.
    let total = 4 + header.len() + attachments.clone().map(<[u8]>::len).sum::<usize>();
    let mut frame = Zeroizing::new(Vec::with_capacity(total));
    frame.extend_from_slice(&u32::try_from(header.len()).unwrap_or(u32::MAX).to_le_bytes());
    frame.extend_from_slice(&header);
    for attachment in attachments {
        frame.extend_from_slice(attachment);
    }
    frame
}

/// Splits a frame into its header and attachments. Returns `None` if it is not a frame.
#[must_use]
pub fn split(frame: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = frame.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

/// Returns the rest of a frame, in the frame's own memory.
fn take_rest(mut frame: Zeroizing<Vec<u8>>, start: usize) -> Vec<u8> {
    let start = start.min(frame.len());
    frame.drain(..start);
    std::mem::take(&mut *frame)
}

/// Returns the parts of a message in the order of its frame: the text, then the attachments.
pub fn message_parts(message: &Message) -> impl Iterator<Item = &[u8]> + Clone {
    std::iter::once(message.text.as_bytes()).chain(message.attachments.iter().map(|bytes| &**bytes))
}

/// Decodes a caller's message. Its header is `[length of the text, length of each attachment]`, and the text and the
/// attachments follow.
///
/// # Errors
/// It is not such a frame, or the text is not UTF-8.
pub fn decode_message(mut frame: Zeroizing<Vec<u8>>) -> op_core::Result<Message> {
    let unreadable = || Error::new(ErrorKind::InvalidInvocation, "cannot decode the host's message");
    let (header, rest) = split(&frame).ok_or_else(unreadable)?;
    let lengths: Vec<usize> = json::decode(header).map_err(|_| unreadable())?;
    let [text_length, attached @ ..] = lengths.as_slice() else { return Err(unreadable()) };
    let total = lengths.iter().try_fold(0_usize, |sum, length| sum.checked_add(*length));
    let text = rest.get(..*text_length).filter(|_| total == Some(rest.len())).ok_or_else(unreadable)?;
    let text = std::str::from_utf8(text).map_err(|_| unreadable())?.to_owned();
    let first = frame.len() - rest.len() + text_length;
    let mut attachments = Vec::with_capacity(attached.len());
    for length in attached.iter().skip(1).rev() {
        // The lengths add up to the length of the frame.
        let start = frame.len().saturating_sub(*length);
        attachments.push(frame.split_off(start).into());
    }
    if !attached.is_empty() {
        attachments.push(take_rest(frame, first).into());
    }
    attachments.reverse();
    Ok(Message { text: text.into(), attachments })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum EventHeader {
    Response { status: u16, headers: Vec<(String, String)> },
    Failure { kind: String, message: String, proxy: Option<String>, cause: Option<u64> },
    Slept,
}

/// Decodes the host's report on an operation: `{"response": {"status", "headers"}}` with the body attached,
/// `{"failure": {"kind", "message", "proxy", "cause"}}`, the last two if known, or `"slept"`.
///
/// A report that cannot be decoded counts as a failed request. Host and module come from one build, so only a bug in
/// the host can cause it, and it must not trap the module.
#[must_use]
pub fn decode_event(frame: Zeroizing<Vec<u8>>) -> Event {
    let header = split(&frame).and_then(|(header, _)| Some((json::decode(header).ok()?, header.len())));
    match header {
        Some((EventHeader::Response { status, headers }, length)) => {
            Event::Http(Ok(HttpResponse { status, headers, body: take_rest(frame, 4 + length) }))
        }
        Some((EventHeader::Failure { kind, message, proxy, cause }, _)) => {
            let kind = TransportErrorKind::from_name(&kind);
            Event::Http(Err(TransportError { kind, message, proxy, cause }))
        }
        Some((EventHeader::Slept, _)) => Event::Slept,
        None => Event::Http(Err(TransportError::new(TransportErrorKind::Other, "cannot decode the host's report"))),
    }
}
