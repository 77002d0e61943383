//! The module's exports and imports. Pointers are offsets into the module's memory.
//!
//! A buffer from `op_alloc` belongs to the module again once it is passed to `op_start` or `op_resume`. A step is
//! returned as `pointer << 32 | length`, and stays readable until the next call into the module.
#![allow(unsafe_code, reason = "a plain ABI is pointers and lengths")]

use std::{cell::RefCell, panic};

use zeroize::Zeroizing;

use crate::{
    executor::CallId,
    frame,
    host::Imports,
    module::{CallKind, Module},
    ops::OpId,
    step::Step,
};

/// Increased whenever this file, [`frame`] or [`crate::step`] changes in a way that hosts notice.
const ABI_VERSION: u32 = 4;

thread_local! {
    static MODULE: RefCell<Module> = RefCell::new(Module::new(HostImports));
    static STEP: RefCell<Zeroizing<Vec<u8>>> = RefCell::default();
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Returns the version of this interface.
#[unsafe(no_mangle)]
extern "C" fn op_version() -> u32 {
    panic::set_hook(Box::new(|info| {
        // The location only, because a message may quote data.
        let location = info.location().map(ToString::to_string).unwrap_or_default();
        PANIC.set(location);
    }));
    ABI_VERSION
}

/// Returns a buffer of `length` bytes for the next input.
#[unsafe(no_mangle)]
extern "C" fn op_alloc(length: usize) -> *mut u8 {
    Box::into_raw(vec![0_u8; length].into_boxed_slice()).cast()
}

/// Starts a call of [`CallKind`] `kind` with the message whose frame is in the buffer.
#[unsafe(no_mangle)]
extern "C" fn op_start(kind: u32, input: *mut u8, length: usize) -> u64 {
    let message = frame::decode_message(take_buffer(input, length));
    return_step(&MODULE.with_borrow_mut(|module| module.start(CallKind::from_number(kind), message)))
}

/// Continues after operation `op` ended with the event whose frame is in the buffer.
#[unsafe(no_mangle)]
extern "C" fn op_resume(op: OpId, event: *mut u8, length: usize) -> u64 {
    let event = frame::decode_event(take_buffer(event, length));
    return_step(&MODULE.with_borrow_mut(|module| module.resume(op, event)))
}

/// Cancels a call.
#[unsafe(no_mangle)]
extern "C" fn op_cancel(call: CallId) -> u64 {
    return_step(&MODULE.with_borrow_mut(|module| module.cancel(call)))
}

/// Returns the location of the panic that trapped, as `file:line:column`; empty if it was not a panic. The only export
/// that may be called after a trap.
#[unsafe(no_mangle)]
extern "C" fn op_panic_place() -> u64 {
    PANIC.with_borrow(|location| pack(location.as_bytes()))
}

fn take_buffer(pointer: *mut u8, length: usize) -> Zeroizing<Vec<u8>> {
    let buffer = std::ptr::slice_from_raw_parts_mut(pointer, length);
    // SAFETY: the host passes a complete buffer from `op_alloc`, and only once.
    Zeroizing::new(unsafe { Box::from_raw(buffer) }.into_vec())
}

fn return_step(step: &Step) -> u64 {
    STEP.set(step.encode());
    STEP.with_borrow(|frame| pack(frame))
}

fn pack(bytes: &[u8]) -> u64 {
    // Pointers and lengths have 32 bits here.
    ((bytes.as_ptr() as u64) << 32) | bytes.len() as u64
}

#[link(wasm_import_module = "opwire")]
unsafe extern "C" {
    fn random_fill(buffer: *mut u8, length: usize);
    fn now_millis() -> u64;
    /// Returns the number of bytes written, or -1.
    fn rsa_oaep_decrypt(
        key: *const u8,
        key_length: usize,
        input: *const u8,
        input_length: usize,
        out: *mut u8,
        out_length: usize,
    ) -> i32;
    /// Returns the number of bytes written, or -1.
    fn rsa_oaep_encrypt(
        key: *const u8,
        key_length: usize,
        input: *const u8,
        input_length: usize,
        out: *mut u8,
        out_length: usize,
    ) -> i32;
    /// Takes a key of 32 bytes, a nonce of 12 bytes, and a buffer whose last 16 bytes are for the tag.
    fn aes_gcm_seal(key: *const u8, nonce: *const u8, buffer: *mut u8, length: usize);
    /// Returns 0, or -1 if the tag is wrong.
    fn aes_gcm_open(key: *const u8, nonce: *const u8, buffer: *mut u8, length: usize) -> i32;
    /// Writes 32 bytes.
    fn pbkdf2_sha256(
        password: *const u8,
        password_length: usize,
        salt: *const u8,
        salt_length: usize,
        iterations: u32,
        out: *mut u8,
    );
    /// Writes 32 bytes.
    fn sha256(data: *const u8, length: usize, out: *mut u8);
}

struct HostImports;

impl Imports for HostImports {
    fn random_fill(&self, buffer: &mut [u8]) {
        // SAFETY: the host writes only within the given buffer.
        unsafe { random_fill(buffer.as_mut_ptr(), buffer.len()) }
    }

    fn now_millis(&self) -> u64 {
        // SAFETY: the function takes no pointers.
        unsafe { now_millis() }
    }

    fn rsa_oaep_decrypt(&self, key: &[u8], ciphertext: &[u8], out: &mut [u8]) -> Option<usize> {
        // SAFETY: the host reads and writes only within the given buffers.
        let written = unsafe {
            rsa_oaep_decrypt(
                key.as_ptr(),
                key.len(),
                ciphertext.as_ptr(),
                ciphertext.len(),
                out.as_mut_ptr(),
                out.len(),
            )
        };
        usize::try_from(written).ok()
    }

    fn rsa_oaep_encrypt(&self, key: &[u8], plaintext: &[u8], out: &mut [u8]) -> Option<usize> {
        // SAFETY: the host reads and writes only within the given buffers.
        let written = unsafe {
            rsa_oaep_encrypt(key.as_ptr(), key.len(), plaintext.as_ptr(), plaintext.len(), out.as_mut_ptr(), out.len())
        };
        usize::try_from(written).ok()
    }

    fn aes_gcm_seal(&self, key: &[u8; 32], nonce: &[u8; 12], buffer: &mut [u8]) {
        // SAFETY: the host reads and writes only within the given buffers.
        unsafe { aes_gcm_seal(key.as_ptr(), nonce.as_ptr(), buffer.as_mut_ptr(), buffer.len()) }
    }

    fn aes_gcm_open(&self, key: &[u8; 32], nonce: &[u8; 12], buffer: &mut [u8]) -> bool {
        // SAFETY: the host reads and writes only within the given buffers.
        unsafe { aes_gcm_open(key.as_ptr(), nonce.as_ptr(), buffer.as_mut_ptr(), buffer.len()) == 0 }
    }

    fn pbkdf2_sha256(&self, password: &[u8], salt: &[u8], iterations: u32, out: &mut [u8; 32]) {
        let (password_length, salt_length) = (password.len(), salt.len());
        // SAFETY: the host reads and writes only within the given buffers.
        unsafe {
            pbkdf2_sha256(password.as_ptr(), password_length, salt.as_ptr(), salt_length, iterations, out.as_mut_ptr());
        }
    }

    fn sha256(&self, data: &[u8], out: &mut [u8; 32]) {
        // SAFETY: the host reads and writes only within the given buffers.
        unsafe { sha256(data.as_ptr(), data.len(), out.as_mut_ptr()) }
    }
}
