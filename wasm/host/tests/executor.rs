//! Tests the executor and its operations with calls that wait, share work, end and are cancelled.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::{future::poll_fn, sync::Arc, task::Poll, time::Duration};

use futures_util::task::AtomicWaker;
use op_core::Message;
use op_wasm_host::{
    executor::Executor,
    ops::{Event, OpId, Ops, Request},
};

fn pause(ops: &Ops) -> impl Future<Output = Event> + use<> {
    ops.perform(Request::Sleep(Duration::from_secs(1)))
}

fn sent(ops: &Ops) -> Vec<OpId> {
    ops.take_requests().into_iter().map(|(op, _)| op).collect()
}

#[test]
fn a_call_that_waits_for_nothing_ends_immediately() {
    let mut executor = Executor::default();
    let call = executor.spawn(async { Ok("done".to_owned().into()) });
    assert_eq!(executor.run(), [(call, Ok("done".to_owned().into()))]);
}

#[test]
fn all_requests_of_all_calls_run_concurrently() {
    let (ops, mut executor) = (Ops::default(), Executor::default());
    for _ in 0..2 {
        let (first, second) = (pause(&ops), pause(&ops));
        executor.spawn(async move {
            futures_util::future::join(first, second).await;
            Ok(Message::default())
        });
    }
    assert_eq!(executor.run(), []);
    assert_eq!(sent(&ops), [1, 2, 3, 4]);
}

#[test]
fn a_call_ends_when_its_last_request_does_in_any_order() {
    let (ops, mut executor) = (Ops::default(), Executor::default());
    let (first, second) = (pause(&ops), pause(&ops));
    let call = executor.spawn(async move {
        futures_util::future::join(first, second).await;
        Ok(Message::default())
    });
    executor.run();
    ops.complete(2, Event::Slept);
    assert_eq!(executor.run(), []);
    ops.complete(1, Event::Slept);
    assert_eq!(executor.run(), [(call, Ok(Message::default()))]);
    assert_eq!(ops.take_unwanted(), [] as [OpId; 0]);
}

#[test]
fn cancelling_a_call_cancels_the_operations_of_the_host() {
    let (ops, mut executor) = (Ops::default(), Executor::default());
    let wait = pause(&ops);
    let call = executor.spawn(async move {
        wait.await;
        Ok(Message::default())
    });
    executor.run();
    assert_eq!(sent(&ops), [1]);
    executor.cancel(call);
    assert_eq!(ops.take_unwanted(), [1]);
    ops.complete(1, Event::Slept);
    assert_eq!(executor.run(), []);
}

#[test]
fn a_request_that_the_host_has_not_seen_is_dropped() {
    let (ops, mut executor) = (Ops::default(), Executor::default());
    let wait = pause(&ops);
    let call = executor.spawn(async move {
        wait.await;
        Ok(Message::default())
    });
    executor.run();
    executor.cancel(call);
    assert_eq!((sent(&ops), ops.take_unwanted()), (vec![], vec![]));
}

#[test]
fn a_request_that_lost_a_race_inside_a_call_is_cancelled() {
    let (ops, mut executor) = (Ops::default(), Executor::default());
    let (first, second) = (pause(&ops), pause(&ops));
    executor.spawn(async move {
        futures_util::future::select(first, second).await;
        Ok(Message::default())
    });
    executor.run();
    sent(&ops);
    ops.complete(2, Event::Slept);
    assert_eq!(executor.run().len(), 1);
    assert_eq!(ops.take_unwanted(), [1]);
}

#[test]
fn shared_work_continues_while_one_call_still_waits_for_it() {
    use futures_util::FutureExt;
    let (ops, mut executor) = (Ops::default(), Executor::default());
    let work = pause(&ops).map(|_| ()).shared();
    let calls = [work.clone(), work].map(|work| {
        executor.spawn(async move {
            work.await;
            Ok(Message::default())
        })
    });
    executor.run();
    assert_eq!(sent(&ops), [1]);
    executor.cancel(calls[0]);
    assert_eq!(ops.take_unwanted(), [] as [OpId; 0]);
    ops.complete(1, Event::Slept);
    assert_eq!(executor.run(), [(calls[1], Ok(Message::default()))]);
}

#[test]
fn one_call_can_wake_another() {
    let mut executor = Executor::default();
    let waker = Arc::new(AtomicWaker::new());
    let mut asked = false;
    let waiting = executor.spawn({
        let waker = Arc::clone(&waker);
        poll_fn(move |cx| {
            waker.register(cx.waker());
            if std::mem::replace(&mut asked, true) { Poll::Ready(Ok("woken".to_owned().into())) } else { Poll::Pending }
        })
    });
    assert_eq!(executor.run(), []);
    let waking = executor.spawn(async move {
        waker.wake();
        Ok(Message::default())
    });
    assert_eq!(executor.run(), [(waking, Ok(Message::default())), (waiting, Ok("woken".to_owned().into()))]);
}

#[test]
fn numbers_are_never_reused() {
    let (ops, mut executor) = (Ops::default(), Executor::default());
    let mut calls = Vec::new();
    for _ in 0..3 {
        let wait = pause(&ops);
        calls.push(executor.spawn(async move {
            wait.await;
            Ok(Message::default())
        }));
        executor.run();
        ops.complete(calls.len() as OpId, Event::Slept);
        executor.run();
    }
    assert_eq!(calls, [1, 2, 3]);
    assert_eq!(sent(&ops), [1, 2, 3]);
}
