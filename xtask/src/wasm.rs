//! Reads as much of a WebAssembly module as weighing it takes.

use crate::run::Outcome;
use std::collections::BTreeMap;

/// A function of the module.
pub struct Function<'a> {
    /// As the linker demangled it; empty when the module does not name it.
    pub name: &'a str,
    /// Its code.
    pub body: &'a [u8],
}

/// What a module consists of.
pub struct Module<'a> {
    /// The functions with code, in order.
    pub functions: Vec<Function<'a>>,
    /// Constants: strings, tables of functions, initial memory.
    pub data: &'a [u8],
}

const CUSTOM: u8 = 0;
const IMPORT: u8 = 2;
const CODE: u8 = 10;
const DATA: u8 = 11;
/// The part of the custom section `name` that names functions.
const FUNCTION_NAMES: u8 = 1;

/// Reads a module.
///
/// # Errors
/// When it is not WebAssembly.
pub fn parse(bytes: &[u8]) -> Outcome<Module<'_>> {
    let mut reader = Reader(bytes.strip_prefix(b"\0asm\x01\0\0\0").ok_or("not a WebAssembly module")?);
    let (mut imported, mut bodies, mut names, mut data) = (0, Vec::new(), BTreeMap::new(), &[][..]);
    while !reader.0.is_empty() {
        let id = reader.byte()?;
        let mut section = Reader(reader.block()?);
        match id {
            IMPORT => imported = section.imported_functions()?,
            CODE => {
                for _ in 0..section.number()? {
                    bodies.push(section.block()?);
                }
            }
            DATA => data = section.0,
            CUSTOM if section.block()? == b"name" => names = section.function_names()?,
            _ => {}
        }
    }
    let named =
        |(index, body)| Function { name: names.get(&(imported + index)).copied().unwrap_or(""), body };
    Ok(Module { functions: (0..).zip(bodies).map(named).collect(), data })
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Outcome<u8> {
        let (first, rest) = self.0.split_first().ok_or("the module ends too early")?;
        self.0 = rest;
        Ok(*first)
    }

    /// An unsigned number in LEB128.
    fn number(&mut self) -> Outcome<u32> {
        let mut value = 0;
        for shift in (0..32).step_by(7) {
            let byte = self.byte()?;
            value |= u32::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("a number of the module is too long".into())
    }

    /// Bytes with their count before them.
    fn block(&mut self) -> Outcome<&'a [u8]> {
        let length = self.number()? as usize;
        let (block, rest) = self.0.split_at_checked(length).ok_or("the module ends too early")?;
        self.0 = rest;
        Ok(block)
    }

    fn imported_functions(&mut self) -> Outcome<u32> {
        let mut functions = 0;
        for _ in 0..self.number()? {
            self.block()?;
            self.block()?;
            match self.byte()? {
                0 => {
                    self.number()?;
                    functions += 1;
                }
                1 => {
                    self.byte()?;
                    self.limits()?;
                }
                2 => self.limits()?,
                3 => {
                    self.byte()?;
                    self.byte()?;
                }
                4 => {
                    self.byte()?;
                    self.number()?;
                }
                kind => return Err(format!("unknown kind of import {kind}").into()),
            }
        }
        Ok(functions)
    }

    fn limits(&mut self) -> Outcome {
        let has_maximum = self.byte()? & 1 == 1;
        self.number()?;
        if has_maximum {
            self.number()?;
        }
        Ok(())
    }

    fn function_names(&mut self) -> Outcome<BTreeMap<u32, &'a str>> {
        let mut names = BTreeMap::new();
        while !self.0.is_empty() {
            let id = self.byte()?;
            let mut part = Reader(self.block()?);
            if id == FUNCTION_NAMES {
                for _ in 0..part.number()? {
                    let index = part.number()?;
                    names.insert(index, std::str::from_utf8(part.block()?)?);
                }
            }
        }
        Ok(names)
    }
}
