//! One request to the agent, and its answer. It blocks; the callers have threads for it.

use std::{
    io::{self, Read as _, Write as _},
    os::unix::net::UnixStream,
    panic::{self, AssertUnwindSafe, catch_unwind},
    path::Path,
    pin::Pin,
    sync::Once,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::FutureExt as _;
use nix::sys::socket::{getsockopt, sockopt};
use op_agent::{
    desktop, path,
    wire::{self, AnswerHeader, Kind, MAX_FRAME, MAX_HEADER, RequestHeader},
};
use op_core::{Error, ErrorKind, Message};
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How long to wait for the agent. It ends its prompts and calls much sooner.
const DEADLINE: Duration = Duration::from_secs(30 * 60);

/// Nothing of a panic is printed, because its message may quote a secret. This library has a hook of its own: it does not
/// share Rust's library with the program.
static QUIET: Once = Once::new();

/// Sends a request to the agent, and returns the answer as the public SDKs read it.
#[must_use]
pub fn exchange(request: &[u8]) -> Vec<u8> {
    QUIET.call_once(|| panic::set_hook(Box::new(|_| {})));
    exchange_at(path::socket().as_deref(), request)
}

/// Does the same as [`exchange`], by the agent with this socket.
#[must_use]
pub fn exchange_at(socket: Option<&Path>, request: &[u8]) -> Vec<u8> {
    let answered = catch_unwind(AssertUnwindSafe(|| ask(socket.ok_or_else(path::homeless)?, request)));
    match answered.unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "the library panicked"))) {
        Ok((success, message)) => answer(success, message.text.as_bytes()),
        Err(error) => answer(false, desktop::failure(&error).as_bytes()),
    }
}

/// An answer. The bytes are a list of numbers, because the public SDKs take nothing else.
#[derive(Serialize)]
struct Answer<'a> {
    success: bool,
    payload: &'a [u8],
}

fn answer(success: bool, payload: &[u8]) -> Vec<u8> {
    // Room for all of it, because a vector that grows leaves copies behind.
    let mut text = Vec::with_capacity(40 + 4 * payload.len());
    match serde_json::to_writer(&mut text, &Answer { success, payload }) {
        Ok(()) => text,
        Err(_) => br#"{"success":false,"payload":[]}"#.to_vec(),
    }
}

/// Returns whether the request succeeded, and the result or the text of the error.
fn ask(socket: &Path, request: &[u8]) -> Result<(bool, Message), Error> {
    let request = std::str::from_utf8(request).map_err(|error| {
        Error::new(ErrorKind::InvalidInvocation, format_args!("the request of the program is not UTF-8: {error}"))
    })?;
    let message = Message::from(request.to_owned());
    let header = RequestHeader { call: 1, kind: Kind::Desktop, lengths: wire::lengths(&message) };
    if request.len() > MAX_FRAME - MAX_HEADER {
        return Err(too_long(request.len()));
    }
    let mut stream = Blocking(connect(socket)?);
    let broke = |error: io::Error| match error.kind() {
        io::ErrorKind::WouldBlock => path::unavailable("it does not answer"),
        _ => path::unavailable("the connection to it broke"),
    };
    at_once(wire::write(&mut stream, &header, &message)).map_err(broke)?;
    drop(message);
    let (header, message) = at_once(wire::read::<AnswerHeader>(&mut stream))
        .and_then(|answer| answer.ok_or_else(|| io::ErrorKind::UnexpectedEof.into()))
        .map_err(broke)?;
    Ok((header.ok, message))
}

fn connect(socket: &Path) -> Result<UnixStream, Error> {
    let failed = |error: io::Error| path::unreachable(socket, &error);
    let stream = UnixStream::connect(socket).map_err(failed)?;
    let peer = getsockopt(&stream, sockopt::PeerCredentials).map_err(|error| failed(error.into()))?;
    path::check_owner(socket, peer.uid())?;
    stream.set_read_timeout(Some(DEADLINE)).map_err(failed)?;
    stream.set_write_timeout(Some(DEADLINE)).map_err(failed)?;
    Ok(stream)
}

fn too_long(length: usize) -> Error {
    Error::new(ErrorKind::FileTooBig, "").with_text(&format!(
        "the request has {length} bytes, and an agent takes at most {} of a public SDK, which is a file of about 12 MiB: \
         use the SDK of opwire, or a service account token",
        MAX_FRAME - MAX_HEADER
    ))
}

/// Returns what a future of frames results in, whose stream is [`Blocking`], so that it never waits.
fn at_once<T>(future: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    future.now_or_never().unwrap_or_else(|| Err(io::ErrorKind::WouldBlock.into()))
}

/// A stream on which everything is ready, because it blocks until it is.
struct Blocking(UnixStream);

impl AsyncRead for Blocking {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let room = buffer.initialize_unfilled();
        let read = uninterrupted(|| self.0.read(room))?;
        buffer.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Blocking {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(uninterrupted(|| self.0.write(bytes)))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Repeats a system call that a signal of the program interrupted.
fn uninterrupted(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
