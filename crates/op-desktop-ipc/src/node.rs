//! The same library as an addon of Node, which exports `sendMessage(Buffer) -> Promise<Uint8Array>`.
//!
//! Each call has a thread of its own. On libuv's pool, which has four threads, calls that wait for a person would stop
//! the files, names and ciphers of the whole program.

#![allow(unsafe_code, reason = "Node-API is pointers")]

use std::{
    ffi::{CStr, c_char, c_void},
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    thread,
};

use napi_sys as sys;
use zeroize::Zeroizing;

use crate::exchange::exchange;

type Answer = Zeroizing<Vec<u8>>;

/// A call of Node-API failed. Node then has an exception already, or is ending.
struct Failed;

/// Node calls this each time that a program loads the library.
///
/// # Safety
/// The arguments are Node's.
#[unsafe(no_mangle)]
unsafe extern "C" fn napi_register_module_v1(env: sys::napi_env, exports: sys::napi_value) -> sys::napi_value {
    let _ = catch_unwind(|| {
        // Once, because another thread may be using what it loads.
        static NODE: OnceLock<()> = OnceLock::new();
        NODE.get_or_init(|| {
            // SAFETY: nothing uses Node-API before. The handle of the process, which stays, is leaked.
            std::mem::forget(unsafe { sys::setup() });
        });
        let name = c"sendMessage";
        let mut function = ptr::null_mut();
        // SAFETY: the values are of this call, and the names end with a zero.
        unsafe {
            let length = name.count_bytes() as isize;
            checked(sys::napi_create_function(
                env,
                name.as_ptr(),
                length,
                Some(send_message),
                ptr::null_mut(),
                &raw mut function,
            ))?;
            checked(sys::napi_set_named_property(env, exports, name.as_ptr(), function))
        }
    });
    exports
}

unsafe extern "C" fn send_message(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: the arguments are Node's, on its thread.
    let promise = catch_unwind(AssertUnwindSafe(|| unsafe { start(env, info) }));
    promise.unwrap_or(Err(Failed)).unwrap_or(ptr::null_mut())
}

/// Starts a call, and returns its promise.
///
/// # Safety
/// The arguments are Node's, on its thread.
unsafe fn start(env: sys::napi_env, info: sys::napi_callback_info) -> Result<sys::napi_value, Failed> {
    // SAFETY: as above, and all places to write to are of this function.
    unsafe {
        let request = request(env, info)?;
        let (mut deferred, mut promise) = (ptr::null_mut(), ptr::null_mut());
        checked(sys::napi_create_promise(env, &raw mut deferred, &raw mut promise))?;
        let caller = Caller::new(env, deferred)?;
        let answering = caller.clone();
        // The program may change its bytes later, so the thread has a copy.
        let call = move || answering.answer(Zeroizing::new(exchange(&request)));
        if thread::Builder::new().name("opwire".to_owned()).spawn(call).is_err() {
            caller.answer(Zeroizing::new(br#"{"success":false,"payload":[]}"#.to_vec()));
        }
        Ok(promise)
    }
}

/// Returns a copy of the bytes that the program passes.
///
/// # Safety
/// The arguments are Node's, on its thread.
unsafe fn request(env: sys::napi_env, info: sys::napi_callback_info) -> Result<Zeroizing<Vec<u8>>, Failed> {
    let mut count = 1;
    let mut argument = ptr::null_mut();
    let mut is_buffer = false;
    let (mut bytes, mut length) = (ptr::null_mut::<c_void>(), 0);
    // SAFETY: all places to write to are of this function. A buffer has `length` bytes, and JavaScript cannot change it
    // while this runs.
    unsafe {
        let no_this = ptr::null_mut();
        checked(sys::napi_get_cb_info(env, info, &raw mut count, &raw mut argument, no_this, ptr::null_mut()))?;
        checked(sys::napi_is_buffer(env, argument, &raw mut is_buffer))?;
        if !is_buffer {
            sys::napi_throw_type_error(env, ptr::null(), c"sendMessage takes a Buffer".as_ptr());
            return Err(Failed);
        }
        checked(sys::napi_get_buffer_info(env, argument, &raw mut bytes, &raw mut length))?;
        let copy = if length == 0 { &[] } else { std::slice::from_raw_parts(bytes.cast::<u8>(), length) };
        Ok(Zeroizing::new(copy.to_vec()))
    }
}

/// The way back to Node's thread, for one answer. Empty after it, and once Node ends, whose functions must not be called
/// then.
#[derive(Clone)]
struct Caller(Arc<Mutex<Option<Way>>>);

struct Way(sys::napi_threadsafe_function);

// SAFETY: such a function is made to be called by any thread.
unsafe impl Send for Way {}

impl Caller {
    /// # Safety
    /// The arguments are Node's, on its thread.
    unsafe fn new(env: sys::napi_env, deferred: sys::napi_deferred) -> Result<Self, Failed> {
        let caller = Self(Arc::default());
        let for_end = Box::into_raw(Box::new(caller.clone()));
        let mut way = ptr::null_mut();
        // SAFETY: all places to write to are of this function. What `ended` gets is a box, which it frees.
        let created = unsafe {
            resource_name(env, c"opwire").and_then(|name| {
                checked(sys::napi_create_threadsafe_function(
                    env,
                    ptr::null_mut(),
                    ptr::null_mut(),
                    name,
                    0,
                    1,
                    for_end.cast(),
                    Some(ended),
                    deferred.cast(),
                    Some(resolve),
                    &raw mut way,
                ))
            })
        };
        if created.is_err() {
            // SAFETY: nobody else got it.
            drop(unsafe { Box::from_raw(for_end) });
            return Err(Failed);
        }
        *caller.way() = Some(Way(way));
        Ok(caller)
    }

    fn answer(&self, answer: Answer) {
        // Node cannot end while this holds the lock.
        let mut way = self.way();
        let Some(Way(function)) = way.take() else { return };
        let answer = Box::into_raw(Box::new(answer));
        // SAFETY: the function exists until `ended`. Only `resolve` frees the box, unless the call failed.
        unsafe {
            let sent = sys::napi_call_threadsafe_function(
                function,
                answer.cast(),
                sys::ThreadsafeFunctionCallMode::nonblocking,
            );
            if checked(sent).is_err() {
                drop(Box::from_raw(answer));
            }
            sys::napi_release_threadsafe_function(function, sys::ThreadsafeFunctionReleaseMode::release);
        }
    }

    fn way(&self) -> std::sync::MutexGuard<'_, Option<Way>> {
        // No code that could panic runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Node calls this before it frees the function of a call.
unsafe extern "C" fn ended(_: sys::napi_env, caller: *mut c_void, _: *mut c_void) {
    // SAFETY: it is the box of `Caller::new`, and Node calls this once.
    let caller = unsafe { Box::from_raw(caller.cast::<Caller>()) };
    caller.way().take();
}

/// Node calls this on its thread with the answer of a call. Without an environment if it is ending.
unsafe extern "C" fn resolve(env: sys::napi_env, _: sys::napi_value, deferred: *mut c_void, answer: *mut c_void) {
    // SAFETY: it is the box of `Caller::answer`, and Node calls this once.
    let answer = unsafe { Box::from_raw(answer.cast::<Answer>()) };
    if env.is_null() {
        return;
    }
    let mut buffer = ptr::null_mut();
    // SAFETY: Node copies the bytes, and the promise is settled here alone.
    unsafe {
        let bytes = answer.as_ptr().cast();
        let settled =
            match checked(sys::napi_create_buffer_copy(env, answer.len(), bytes, ptr::null_mut(), &raw mut buffer)) {
                Ok(()) => sys::napi_resolve_deferred(env, deferred.cast(), buffer),
                // Such as an answer for which there is no memory.
                Err(Failed) => reject(env, deferred.cast()),
            };
        let _ = checked(settled);
    }
}

/// Rejects the promise with the exception that Node has.
///
/// # Safety
/// The arguments are Node's, on its thread.
unsafe fn reject(env: sys::napi_env, deferred: sys::napi_deferred) -> sys::napi_status {
    let mut error = ptr::null_mut();
    // SAFETY: the place to write to is of this function.
    unsafe {
        sys::napi_get_and_clear_last_exception(env, &raw mut error);
        sys::napi_reject_deferred(env, deferred, error)
    }
}

/// # Safety
/// The environment is Node's, on its thread.
unsafe fn resource_name(env: sys::napi_env, name: &CStr) -> Result<sys::napi_value, Failed> {
    let mut text = ptr::null_mut();
    let length = name.count_bytes() as isize;
    // SAFETY: the text ends with a zero, and the place to write to is of this function.
    checked(unsafe { sys::napi_create_string_utf8(env, name.as_ptr().cast::<c_char>(), length, &raw mut text) })?;
    Ok(text)
}

fn checked(status: sys::napi_status) -> Result<(), Failed> {
    if status == sys::Status::napi_ok { Ok(()) } else { Err(Failed) }
}
