//! The client side of RFC 6455, as far as the DevTools protocol needs it: text messages over a connection
//! to this machine.

use crate::Result;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;
const LAST: u8 = 0x80;
const MASKED: u8 = 0x80;

/// The longest the other side may take to accept the connection.
const HANDSHAKE: Duration = Duration::from_secs(10);

pub struct WebSocket {
    stream: TcpStream,
    /// Bytes read that are not a whole frame yet.
    incoming: Vec<u8>,
    /// The frames of a message whose last frame has not come yet.
    message: Vec<u8>,
}

struct Frame {
    last: bool,
    opcode: u8,
    payload: Vec<u8>,
}

impl WebSocket {
    pub fn connect(port: u16, path: &str) -> Result<WebSocket> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        // The key only proves that the server speaks WebSocket; a constant one serves on this machine.
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: cG9kc2NvcGUtcG9kc2NvcA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )?;
        let mut socket = WebSocket { stream, incoming: Vec::new(), message: Vec::new() };
        let deadline = Instant::now() + HANDSHAKE;
        let head = loop {
            if let Some(end) = socket.incoming.windows(4).position(|w| w == b"\r\n\r\n") {
                break socket.incoming.drain(..end + 4).collect::<Vec<u8>>();
            }
            if !socket.fill(deadline)? {
                return Err("the browser did not answer the WebSocket handshake".into());
            }
        };
        if !head.starts_with(b"HTTP/1.1 101") {
            let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_string();
            return Err(format!("the browser refused the WebSocket {path}: {line}").into());
        }
        Ok(socket)
    }

    pub fn send(&mut self, text: &str) -> Result<()> {
        self.send_frame(TEXT, text.as_bytes())
    }

    /// The next text message, or `None` when none came before the deadline.
    pub fn receive(&mut self, deadline: Instant) -> Result<Option<String>> {
        loop {
            while let Some(frame) = self.take_frame() {
                match frame.opcode {
                    TEXT | CONTINUATION => self.message.extend(frame.payload),
                    CLOSE => return Err("the browser closed the connection".into()),
                    PING => self.send_frame(PONG, &frame.payload)?,
                    _ => {}
                }
                if frame.last && matches!(frame.opcode, TEXT | CONTINUATION) {
                    let message = std::mem::take(&mut self.message);
                    return Ok(Some(String::from_utf8_lossy(&message).into_owned()));
                }
            }
            if !self.fill(deadline)? {
                return Ok(None);
            }
        }
    }

    fn send_frame(&mut self, opcode: u8, payload: &[u8]) -> Result<()> {
        let mut frame = vec![LAST | opcode];
        match payload.len() {
            short @ 0..126 => frame.push(MASKED | short as u8),
            medium @ 126..0x1_0000 => {
                frame.push(MASKED | 126);
                frame.extend((medium as u16).to_be_bytes());
            }
            long => {
                frame.push(MASKED | 127);
                frame.extend((long as u64).to_be_bytes());
            }
        }
        // Masking protects proxies, of which there are none here: a mask of zeros changes nothing.
        frame.extend([0; 4]);
        frame.extend(payload);
        Ok(self.stream.write_all(&frame)?)
    }

    /// The first whole frame among the bytes read.
    fn take_frame(&mut self) -> Option<Frame> {
        let bytes = &self.incoming;
        let (first, second) = (*bytes.first()?, *bytes.get(1)?);
        let (length, start) = match second & 0x7F {
            126 => (u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)), 4),
            127 => (u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?), 10),
            short => (u64::from(short), 2),
        };
        let end = start + usize::try_from(length).ok()?;
        let payload = bytes.get(start..end)?.to_vec();
        self.incoming.drain(..end);
        Some(Frame { last: first & LAST != 0, opcode: first & 0x0F, payload })
    }

    /// Reads what there is; false when nothing came before the deadline.
    fn fill(&mut self, deadline: Instant) -> Result<bool> {
        let mut chunk = [0; 1 << 16];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            self.stream.set_read_timeout(Some(left))?;
            match self.stream.read(&mut chunk) {
                Ok(0) => return Err("the browser is gone".into()),
                Ok(count) => {
                    self.incoming.extend(&chunk[..count]);
                    return Ok(true);
                }
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                    ) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
