//! Which user a browser's connection belongs to. Every local user can connect to 127.0.0.1.

use std::{
    io,
    net::{SocketAddr, SocketAddrV4},
};

use axum::serve::Listener;
use nix::unistd::{Uid, geteuid};
use tokio::{
    fs,
    net::{TcpListener, TcpStream},
};

/// The state of a connection that is open, in the kernel's table.
const ESTABLISHED: &str = "01";

/// Takes the connections of this user, and closes all others.
pub(super) struct OwnConnections(pub(super) TcpListener);

impl Listener for OwnConnections {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            let (stream, peer) = Listener::accept(&mut self.0).await;
            if let (Ok(SocketAddr::V4(own)), SocketAddr::V4(other)) = (stream.local_addr(), peer)
                && user(other, own).await == Some(geteuid())
            {
                return (stream, peer);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Returns the user whose socket has this connection; `None` if no socket has it any more.
async fn user(from: SocketAddrV4, to: SocketAddrV4) -> Option<Uid> {
    find(&fs::read_to_string("/proc/net/tcp").await.ok()?, from, to)
}

fn find(table: &str, from: SocketAddrV4, to: SocketAddrV4) -> Option<Uid> {
    let (from, to) = (shown(from), shown(to));
    table.lines().find_map(|line| {
        let fields: Vec<_> = line.split_whitespace().take(8).collect();
        let &[_, local, remote, state, _, _, _, user] = fields.as_slice() else { return None };
        let is_it = local == from && remote == to && state == ESTABLISHED;
        is_it.then(|| user.parse().ok()).flatten().map(Uid::from_raw)
    })
}

/// Returns an address as the table shows it: the bytes as a number of this machine.
fn shown(address: SocketAddrV4) -> String {
    format!("{:08X}:{:04X}", u32::from_ne_bytes(address.ip().octets()), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_of_the_other_side_counts() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
   2: 0100007F:D431 0100007F:1F90 01 00000000:00000000 00:00000000 00000000 65534        0 3 1 0 20 4 30 10 -1
   3: 0100007F:D432 0100007F:1F90 06 00000000:00000000 03:00000A5A 00000000     0        0 0 3 0 20 4 30 10 -1
";
        let address = |port| SocketAddrV4::new([127, 0, 0, 1].into(), port);
        assert_eq!(find(table, address(0xD431), address(0x1F90)), Some(Uid::from_raw(65534)));
        assert_eq!(find(table, address(0xD432), address(0x1F90)), None);
        assert_eq!(find(table, address(0xD433), address(0x1F90)), None);
    }
}
