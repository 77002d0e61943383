//! The C interface.

#![allow(unsafe_code, reason = "the interface is pointers and lengths")]

use std::slice;

use op_agent::desktop::MARKER;
use zeroize::Zeroizing;

use crate::exchange::exchange;

/// The return code if an argument is null.
const NULL_ARGUMENT: i32 = -1;

/// By this, `opwire agent install-library` knows the file as ours.
#[unsafe(no_mangle)]
pub static OPWIRE_DESKTOP_IPC: [u8; MARKER.len()] = *MARKER;

/// Sends a request to the agent and waits for the answer. Sets the last three arguments to its bytes, which the caller
/// returns to [`op_sdk_ipc_free_response`], and returns 0. Failures are answers too.
///
/// # Safety
/// `message` has `length` bytes, and the other pointers may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn op_sdk_ipc_send_message(
    message: *const u8,
    length: usize,
    out: *mut *mut u8,
    out_length: *mut usize,
    out_capacity: *mut usize,
) -> i32 {
    if message.is_null() || out.is_null() || out_length.is_null() || out_capacity.is_null() {
        return NULL_ARGUMENT;
    }
    // SAFETY: the caller vouches for the bytes.
    let answer = exchange(unsafe { slice::from_raw_parts(message, length) });
    let mut answer = std::mem::ManuallyDrop::new(answer);
    // SAFETY: they are not null, and the caller vouches for them.
    unsafe {
        *out = answer.as_mut_ptr();
        *out_length = answer.len();
        *out_capacity = answer.capacity();
    }
    0
}

/// Wipes and frees an answer.
///
/// # Safety
/// The arguments are those of one answer, which is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn op_sdk_ipc_free_response(answer: *mut u8, length: usize, capacity: usize) {
    if !answer.is_null() {
        // SAFETY: the caller vouches for them.
        drop(Zeroizing::new(unsafe { Vec::from_raw_parts(answer, length, capacity) }));
    }
}
