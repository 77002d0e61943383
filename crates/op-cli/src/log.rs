//! The log of a server: lines of JSON on standard error.
//!
//! A thread of its own writes them, so that no request waits for the reader of the log, or fails because the reader is
//! gone or its disk is full. Lines that are lost are counted, and the count is logged as soon as a line can be written.

use std::{
    fmt::Write as _,
    io::{self, ErrorKind, Write},
    sync::{Arc, OnceLock},
};

use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        format::Writer,
        time::{FormatTime as _, SystemTime},
    },
};

/// How many lines wait for a slow reader. A line has about 300 bytes.
const WAITING_LINES: usize = 4096;

/// Starts the log. Dropping the guard writes the lines that are waiting, for a second at most.
pub(crate) fn start(default: &str) -> WorkerGuard {
    let filter = EnvFilter::try_from_env("OPWIRE_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let dropped = Arc::new(OnceLock::new());
    let lines = Lines { output: io::stderr(), dropped: dropped.clone(), unwritten: 0, reported: 0, is_torn: false };
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(WAITING_LINES).finish(lines);
    let _ = dropped.set(writer.error_counter());
    tracing_subscriber::fmt().json().with_env_filter(filter).log_internal_errors(false).with_writer(writer).init();
    guard
}

/// Writes lines, and counts those that are lost.
struct Lines<W> {
    output: W,
    /// How many lines found too many others waiting.
    dropped: Arc<OnceLock<ErrorCounter>>,
    /// How many lines could not be written.
    unwritten: usize,
    /// How many of both the log has named.
    reported: usize,
    /// Whether the last line was written in part.
    is_torn: bool,
}

impl<W: Write> Lines<W> {
    fn report_lost(&mut self) {
        let lost = self.unwritten.saturating_add(self.dropped.get().map_or(0, ErrorCounter::dropped_lines));
        if lost > self.reported && self.send(lost_line(lost - self.reported).as_bytes()).is_ok() {
            self.reported = lost;
        }
    }

    fn send(&mut self, line: &[u8]) -> io::Result<()> {
        if self.is_torn {
            self.output.write_all(b"\n")?;
            self.is_torn = false;
        }
        let mut rest = line;
        while !rest.is_empty() {
            match self.output.write(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => rest = rest.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            self.is_torn = !rest.is_empty();
        }
        Ok(())
    }
}

/// Never fails, because the thread that writes has nobody to tell.
impl<W: Write> Write for Lines<W> {
    /// Writes one line, as the thread passes whole lines.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.report_lost();
        if self.send(line).is_err() {
            self.unwritten = self.unwritten.saturating_add(1);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.report_lost();
        Ok(())
    }
}

/// A line in the form of the others.
fn lost_line(lost: usize) -> String {
    let mut time = String::new();
    // As in the other lines, a time that cannot be written is left out.
    let _ = SystemTime.format_time(&mut Writer::new(&mut time));
    let mut line = String::new();
    let _ = writeln!(
        line,
        r#"{{"timestamp":"{time}","level":"WARN","fields":{{"message":"lines of the log are lost","lost":{lost}}},"target":"opwire::log"}}"#
    );
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many bytes, and then has no space.
    struct Disk {
        space: usize,
        content: Vec<u8>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.space);
            if taken == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            self.space -= taken;
            self.content.extend(bytes.iter().take(taken));
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_do_not_fit_on_the_disk_are_counted() {
        let output = Disk { space: 14, content: Vec::new() };
        let mut lines = Lines { output, dropped: Arc::default(), unwritten: 0, reported: 0, is_torn: false };
        for line in ["first\n", "second, torn\n", "third\n"] {
            lines.write_all(line.as_bytes()).expect("a log never fails");
        }
        lines.output.space = 4096;
        for line in ["fourth\n", "fifth\n"] {
            lines.write_all(line.as_bytes()).expect("a log never fails");
        }
        let text = String::from_utf8(lines.output.content).expect("the log is text");
        let written: Vec<_> = text.lines().collect();
        let [first, torn, lost, fourth, fifth] = written.try_into().expect("five lines are written");
        assert_eq!([first, torn, fourth, fifth], ["first", "second, ", "fourth", "fifth"]);
        let lost: serde_json::Value = serde_json::from_str(lost).expect("the line is JSON");
        assert_eq!(lost["fields"]["lost"], 2);
        assert_eq!(lost["level"], "WARN");
    }
}
