//! A host with which a test can watch and change requests and responses.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use op_core::{
    Crypto, Host,
    host::{BoxFuture, HttpRequest, HttpResponse, TransportError},
};

use crate::account::host;

type Tamper = dyn Fn(&HttpRequest, HttpResponse) -> Result<HttpResponse, TransportError> + Send + Sync;
type Hold = dyn Fn(&HttpRequest) -> BoxFuture<'static, ()> + Send + Sync;

/// The native host, with control over its responses and its clock.
pub struct Wire {
    native: Arc<dyn Host>,
    requests: Mutex<Vec<String>>,
    tamper: Mutex<Option<Arc<Tamper>>>,
    hold: Mutex<Option<Arc<Hold>>>,
    clock_shift: AtomicI64,
}

impl Wire {
    /// Returns a wire that changes nothing.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            native: host(),
            requests: Mutex::default(),
            tamper: Mutex::default(),
            hold: Mutex::default(),
            clock_shift: AtomicI64::new(0),
        })
    }

    /// Passes every response through `tamper` from now on.
    pub fn tamper(
        &self,
        tamper: impl Fn(&HttpRequest, HttpResponse) -> Result<HttpResponse, TransportError> + Send + Sync + 'static,
    ) {
        *self.tamper.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(tamper));
    }

    /// Holds each request back from now on, until what `hold` returns for it is done.
    pub fn hold(&self, hold: impl Fn(&HttpRequest) -> BoxFuture<'static, ()> + Send + Sync + 'static) {
        *self.hold.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(hold));
    }

    /// Passes responses unchanged from now on.
    pub fn repair(&self) {
        *self.tamper.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Moves the host's clock forward by `millis` milliseconds, or back if negative.
    pub fn shift_clock(&self, millis: i64) {
        self.clock_shift.fetch_add(millis, Ordering::Relaxed);
    }

    /// Returns the requests since the last call, each as `METHOD /path?query`.
    pub fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the same requests, and keeps them for the next call.
    pub fn peek_requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let path = request.url.splitn(4, '/').nth(3).unwrap_or_default();
        let line = format!("{} /{path}", request.method.as_str());
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        let hold = self.hold.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(hold) = hold {
            hold(&request).await;
        }
        let response = self.native.http(request.clone()).await?;
        let tamper = self.tamper.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match tamper {
            Some(tamper) => tamper(&request, response),
            None => Ok(response),
        }
    }
}

impl Host for Wire {
    fn http(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>> {
        Box::pin(self.exchange(request))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.native.sleep(duration)
    }

    fn now_millis(&self) -> u64 {
        self.native.now_millis().saturating_add_signed(self.clock_shift.load(Ordering::Relaxed))
    }

    fn fill_random(&self, buffer: &mut [u8]) {
        self.native.fill_random(buffer);
    }

    fn crypto(&self) -> &dyn Crypto {
        self.native.crypto()
    }
}
