//! How messages cross the boundary: a JSON header, and raw bytes beside it.
//!
//! ```text
//! length of the header: u32, little endian | header: JSON | attachments, one after the other
//! ```
//!
//! The header gives the length of each attachment but the last of an [`Event`], which is the rest of the frame. Bodies
//! and results are never base64 or JSON numbers.

use op_core::host::{HttpResponse, TransportError, TransportErrorKind};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::ops::Event;

/// Builds a frame.
pub fn encode<'a>(header: &impl Serialize, attachments: impl Iterator<Item = &'a [u8]> + Clone) -> Zeroizing<Vec<u8>> {
    // Headers are structs of numbers and strings, which always serialize.
    let header = Zeroizing::new(serde_json::to_vec(header).unwrap_or_default());
    // The exact capacity, so that growth leaves no copies of secrets behind.
    let total = 4 + header.len() + attachments.clone().map(<[u8]>::len).sum::<usize>();
    let mut frame = Zeroizing::new(Vec::with_capacity(total));
    frame.extend_from_slice(&u32::try_from(header.len()).unwrap_or(u32::MAX).to_le_bytes());
    frame.extend_from_slice(&header);
    for attachment in attachments {
        frame.extend_from_slice(attachment);
    }
    frame
}

/// Takes the header and the attachments apart; `None` for what is not a frame.
#[must_use]
pub fn split(frame: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = frame.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum EventHeader {
    Response { status: u16, headers: Vec<(String, String)> },
    Failure { kind: String, message: String },
    Slept,
}

/// Reads what the host reports of an operation: `{"response": {"status", "headers"}}` with the body attached,
/// `{"failure": {"kind", "message"}}`, or `"slept"`.
///
/// A report that cannot be read is a failed request: the host and the module are of one build, so only a host's fault
/// leads here, and it must not take the module down.
#[must_use]
pub fn decode_event(frame: &[u8]) -> Event {
    let header = split(frame).and_then(|(header, body)| Some((serde_json::from_slice(header).ok()?, body)));
    match header {
        Some((EventHeader::Response { status, headers }, body)) => {
            Event::Http(Ok(HttpResponse { status, headers, body: body.to_vec() }))
        }
        Some((EventHeader::Failure { kind, message }, _)) => {
            Event::Http(Err(TransportError { kind: TransportErrorKind::from_name(&kind), message }))
        }
        Some((EventHeader::Slept, _)) => Event::Slept,
        None => Event::Http(Err(TransportError {
            kind: TransportErrorKind::Other,
            message: "the host's report could not be read".into(),
        })),
    }
}
