//! Commands and events of the DevTools protocol over one WebSocket.

use crate::Result;
use crate::websocket::WebSocket;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The longest a command may take.
const ANSWER: Duration = Duration::from_secs(60);

pub struct Connection {
    socket: WebSocket,
    last_id: u64,
    /// Events that came and were not taken yet, in order.
    events: Vec<Event>,
}

pub struct Event {
    pub method: String,
    pub params: Value,
}

impl Connection {
    pub fn open(port: u16, path: &str) -> Result<Connection> {
        Ok(Connection { socket: WebSocket::connect(port, path)?, last_id: 0, events: Vec::new() })
    }

    /// Sends a command and waits for its result.
    pub fn call(&mut self, method: &str, params: Value) -> Result<Value> {
        self.last_id += 1;
        self.socket.send(&json!({"id": self.last_id, "method": method, "params": params}).to_string())?;
        let deadline = Instant::now() + ANSWER;
        loop {
            let Some(mut message) = self.receive(deadline)? else {
                return Err(format!("{method}: no answer after {} s", ANSWER.as_secs()).into());
            };
            if message["id"] != self.last_id {
                continue;
            }
            return match message.get("error") {
                Some(error) => Err(format!("{method}: {error}").into()),
                None => Ok(message["result"].take()),
            };
        }
    }

    /// The events since the last call of this function; the browser's clock is not waited for.
    pub fn take_events(&mut self) -> Result<Vec<Event>> {
        // An answered command proves that every earlier event has come.
        self.call("Runtime.getIsolateId", json!({}))?;
        Ok(std::mem::take(&mut self.events))
    }

    /// The next answer, with the events before it put aside.
    fn receive(&mut self, deadline: Instant) -> Result<Option<Value>> {
        while let Some(text) = self.socket.receive(deadline)? {
            let mut message: Value = serde_json::from_str(&text)?;
            match message["method"].as_str() {
                Some(method) => {
                    let method = method.to_string();
                    self.events.push(Event { method, params: message["params"].take() });
                }
                None => return Ok(Some(message)),
            }
        }
        Ok(None)
    }
}
