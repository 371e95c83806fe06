//! Tools about time, processes, users and the system.

use crate::api::order;
use std::time::Duration;

use super::super::container::Signal;
use super::super::shell;
use super::{Call, Outcome, Pause};

pub fn sleep(call: &mut Call) -> Outcome {
    let args = call.args().to_vec();
    if args.is_empty() {
        call.complain("missing operand");
        return Ok(1);
    }
    let mut total = Duration::ZERO;
    for arg in &args {
        if matches!(arg.as_str(), "infinity" | "inf") {
            return Err(Pause::Forever);
        }
        let time = match call.name() {
            "usleep" => arg.parse().ok().map(Duration::from_micros),
            _ => super::super::behaviour::duration(arg),
        };
        let Some(time) = time else {
            let message = if call.gnu() {
                format!("invalid time interval '{arg}'")
            } else {
                format!("invalid number '{arg}'")
            };
            call.complain(&message);
            return Ok(1);
        };
        total = total.saturating_add(time);
    }
    call.delay = total;
    Ok(0)
}

/// A moment in UTC.
pub struct Calendar {
    pub year: i64,
    pub month: u32,
    pub day: u32,
    pub hour: u64,
    pub minute: u64,
    pub second: u64,
    pub weekday: usize,
    pub year_day: u32,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Seconds since 1970 as a date.
pub fn calendar(seconds: u64) -> Calendar {
    let days = (seconds / 86_400) as i64;
    // Howard Hinnant's civil_from_days.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let start = days_from_civil(year, 1, 1);
    Calendar {
        year,
        month,
        day,
        hour: seconds / 3600 % 24,
        minute: seconds / 60 % 60,
        second: seconds % 60,
        weekday: ((days + 4) % 7) as usize,
        year_day: (days - start + 1) as u32,
    }
}

fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted = i64::from(if month > 2 { month - 3 } else { month + 9 });
    let day_of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

impl Calendar {
    pub fn month_name(&self) -> &'static str {
        &MONTHS[self.month as usize - 1][..3]
    }

    /// `2026-01-01 00:00:00.000000000 +0000`.
    pub fn stamp(&self) -> String {
        format!(
            "{}-{:02}-{:02} {:02}:{:02}:{:02}.000000000 +0000",
            self.year, self.month, self.day, self.hour, self.minute, self.second
        )
    }

    /// What a letter of a date format stands for.
    fn letter(&self, letter: char, seconds: u64, nanos: u32) -> Option<String> {
        Some(match letter {
            'Y' => self.year.to_string(),
            'y' => format!("{:02}", self.year % 100),
            'm' => format!("{:02}", self.month),
            'd' => format!("{:02}", self.day),
            'e' => format!("{:>2}", self.day),
            'H' => format!("{:02}", self.hour),
            'I' => format!("{:02}", (self.hour + 11) % 12 + 1),
            'M' => format!("{:02}", self.minute),
            'S' => format!("{:02}", self.second),
            'N' => format!("{nanos:09}"),
            's' => seconds.to_string(),
            'j' => format!("{:03}", self.year_day),
            'a' => DAYS[self.weekday][..3].to_owned(),
            'A' => DAYS[self.weekday].to_owned(),
            'b' | 'h' => self.month_name().to_owned(),
            'B' => MONTHS[self.month as usize - 1].to_owned(),
            'u' => (if self.weekday == 0 { 7 } else { self.weekday }).to_string(),
            'w' => self.weekday.to_string(),
            'p' => (if self.hour < 12 { "AM" } else { "PM" }).to_owned(),
            'Z' => "UTC".to_owned(),
            'z' => "+0000".to_owned(),
            'n' => "\n".to_owned(),
            't' => "\t".to_owned(),
            '%' => "%".to_owned(),
            'F' => self.format("%Y-%m-%d", seconds, nanos),
            'T' => self.format("%H:%M:%S", seconds, nanos),
            'R' => self.format("%H:%M", seconds, nanos),
            'D' => self.format("%m/%d/%y", seconds, nanos),
            'c' => self.format("%a %b %e %H:%M:%S %Y", seconds, nanos),
            _ => return None,
        })
    }

    pub fn format(&self, format: &str, seconds: u64, nanos: u32) -> String {
        let mut out = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let mut letter = chars.next();
            // `%-d` and `%3N`: without padding, shorter.
            let plain = letter == Some('-');
            let digits = letter.and_then(|c| c.to_digit(10));
            if plain || digits.is_some() {
                letter = chars.next();
            }
            let Some(text) = letter.and_then(|letter| self.letter(letter, seconds, nanos)) else {
                out.push('%');
                out.extend(letter);
                continue;
            };
            match digits {
                _ if plain => out.push_str(text.trim_start_matches('0').trim_start()),
                Some(digits) if letter == Some('N') => {
                    out.push_str(&text[..(digits as usize).min(text.len())])
                }
                _ => out.push_str(&text),
            }
        }
        out
    }
}

/// `@seconds`, `2026-01-02`, `2026-01-02 03:04:05`, with `T`, fraction and zone ignored.
pub fn parse_date(text: &str) -> Option<u64> {
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse().ok();
    }
    let (date, time) = text.trim().split_once(['T', ' ']).unwrap_or((text.trim(), "00:00:00"));
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let mut parts = time.split([':', '.', ' ', 'Z', '+']).map(|part| part.parse::<i64>().unwrap_or(0));
    let (hour, minute, second) = (parts.next()?, parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(1970..10_000).contains(&year) {
        return None;
    }
    let days = days_from_civil(year, month as u32, day as u32);
    u64::try_from(days * 86_400 + hour * 3600 + minute * 60 + second).ok()
}

pub fn date(call: &mut Call) -> Outcome {
    let options = call.options("dDrs");
    let mut now = call.sys.clock();
    if let Some(text) = options.value('d').or(options.long_value("date")) {
        let relative = match text {
            "now" => Some(now.as_secs()),
            "yesterday" => now.as_secs().checked_sub(86_400),
            "tomorrow" => Some(now.as_secs() + 86_400),
            text => parse_date(text),
        };
        let Some(seconds) = relative else {
            call.complain(&format!("invalid date '{text}'"));
            return Ok(1);
        };
        now = Duration::from_secs(seconds);
    }
    if let Some(file) = options.value('r') {
        let path = call.process.path(file);
        let modified = call.sys.view().stat(&path).map(|node| node.modified);
        match modified {
            Ok(modified) => now = Duration::from_secs(call.sys.world.epoch()) + modified,
            Err(error) => {
                call.complain(&format!("{file}: {error}"));
                return Ok(1);
            }
        }
    }
    if options.has('s') {
        call.complain("can't set date: Operation not permitted");
        return Ok(1);
    }
    let date = calendar(now.as_secs());
    let iso = options.flags.iter().any(|(flag, _)| *flag == 'I') || options.long("iso-8601");
    let format = match options.operands.iter().find_map(|operand| operand.strip_prefix('+')) {
        Some(format) => format,
        None if iso && call.args().iter().any(|arg| arg.contains("econds") || arg == "-Is") => {
            "%Y-%m-%dT%H:%M:%S+00:00"
        }
        None if iso => "%Y-%m-%d",
        None if options.has('R') => "%a, %d %b %Y %H:%M:%S +0000",
        None => "%a %b %e %H:%M:%S UTC %Y",
    };
    let text = date.format(format, now.as_secs(), now.subsec_nanos());
    call.line(&text);
    Ok(0)
}

pub fn hostname(call: &mut Call) -> Outcome {
    let options = call.options("");
    let network = call.sys.kernel.network.clone();
    let full = network.fqdn.clone().unwrap_or_else(|| network.hostname.clone());
    let domain = full.split_once('.').map(|(_, domain)| domain.to_owned());
    let text = if options.has('d') || call.name() == "dnsdomainname" {
        domain.unwrap_or_default()
    } else if options.has('i') || options.has('I') {
        network.address.clone()
    } else if options.has('f') {
        full
    } else {
        network.hostname.clone()
    };
    call.line(&text);
    Ok(0)
}

fn user_name(call: &mut Call, uid: u32) -> Option<String> {
    let content = call.sys.view().read("/etc/passwd").ok()?;
    let text = String::from_utf8_lossy(content.bytes()).into_owned();
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

pub fn whoami(call: &mut Call) -> Outcome {
    let uid = call.sys.kernel.user.uid;
    match user_name(call, uid) {
        Some(name) => call.line(&name),
        None => {
            let message = if call.gnu() {
                format!("cannot find name for user ID {uid}")
            } else {
                format!("unknown uid {uid}")
            };
            call.complain(&message);
            return Ok(1);
        }
    }
    Ok(0)
}

pub fn id(call: &mut Call) -> Outcome {
    let options = call.options("");
    let user = call.sys.kernel.user;
    let name =
        |call: &mut Call, id: u32| user_name(call, id).map(|name| format!("({name})")).unwrap_or_default();
    let (user_part, group_part) = (name(call, user.uid), name(call, user.gid));
    let text = match (options.has('u'), options.has('g') || options.has('G'), options.has('n')) {
        (true, _, false) => user.uid.to_string(),
        (true, _, true) => user_part.trim_matches(['(', ')']).to_owned(),
        (_, true, false) => user.gid.to_string(),
        (_, true, true) => group_part.trim_matches(['(', ')']).to_owned(),
        _ if call.name() == "groups" => group_part.trim_matches(['(', ')']).to_owned(),
        _ => format!(
            "uid={}{user_part} gid={}{group_part} groups={}{group_part}",
            user.uid, user.gid, user.gid
        ),
    };
    call.line(&text);
    Ok(0)
}

pub fn uname(call: &mut Call) -> Outcome {
    let options = call.options("");
    let host = call.sys.kernel.network.hostname.clone();
    let all = options.has('a');
    let fields = [
        ('s', "Linux".to_owned()),
        ('n', host),
        ('r', "6.1.0".to_owned()),
        ('v', "#1 SMP PREEMPT_DYNAMIC".to_owned()),
        ('m', "x86_64".to_owned()),
        ('o', "GNU/Linux".to_owned()),
    ];
    let none = options.flags.is_empty();
    let words: Vec<String> = fields
        .into_iter()
        .filter(|(flag, _)| all || options.has(*flag) || none && *flag == 's')
        .map(|(_, text)| text)
        .collect();
    call.line(&words.join(" "));
    Ok(0)
}

pub fn arch(call: &mut Call) -> Outcome {
    call.line("x86_64");
    Ok(0)
}

pub fn printenv(call: &mut Call) -> Outcome {
    let env = call.process.env.clone();
    let names = call.args().to_vec();
    if names.is_empty() {
        for (name, value) in env.iter() {
            call.line(&format!("{name}={value}"));
        }
        return Ok(0);
    }
    let mut status = 0;
    for name in names {
        match env.get(&name) {
            Some(value) => call.line(value),
            None => status = 1,
        }
    }
    Ok(status)
}

pub fn pwd(call: &mut Call) -> Outcome {
    let cwd = call.process.cwd.clone();
    call.line(&cwd);
    Ok(0)
}

pub fn which(call: &mut Call) -> Outcome {
    let search =
        call.process.env.get("PATH").cloned().unwrap_or_else(|| super::super::images::PATH.to_owned());
    let mut status = 0;
    for name in call.args().to_vec().iter().filter(|arg| !arg.starts_with('-')) {
        let found =
            search.split(':').map(|dir| format!("{dir}/{name}")).find(|path| call.sys.view().may(path, 1));
        match found {
            Some(path) => call.line(&path),
            None => status = 1,
        }
    }
    Ok(status)
}

pub fn test(call: &mut Call) -> Outcome {
    let mut words = call.args().to_vec();
    if call.name() == "[" && words.pop().as_deref() != Some("]") {
        call.complain("missing ]");
        return Ok(2);
    }
    let (status, message) = shell::test::test(&words, call.process, call.sys);
    if let Some(message) = message {
        call.complain(&message);
    }
    Ok(status)
}

pub fn kill(call: &mut Call) -> Outcome {
    let args = call.args().to_vec();
    let (text, errors, status) = shell::kill_processes(&args, &[], call.process.pid, call.sys);
    call.print(&text);
    for error in errors {
        call.err.extend(format!("{error}\n").bytes());
    }
    Ok(status)
}

fn running(call: &Call) -> Vec<(u32, u32, String, u64)> {
    let kernel = &call.sys.kernel;
    let mut rows: Vec<(u32, u32, String, u64)> = kernel
        .processes
        .values()
        .map(|p| {
            let text = p.argv.join(" ");
            (
                p.pid,
                p.parent,
                if p.zombie.is_some() {
                    format!("[{}]", p.argv.first().map_or("", |a| super::super::files::base(a)))
                } else {
                    text
                },
                p.memory.base,
            )
        })
        .collect();
    rows.push((call.process.pid, call.process.parent, call.process.argv.join(" "), call.process.memory.base));
    order::sort(&mut rows);
    rows
}

pub fn ps(call: &mut Call) -> Outcome {
    let uid = call.sys.kernel.user.uid;
    let user = user_name(call, uid).unwrap_or_else(|| uid.to_string());
    let rows = running(call);
    if call.args().iter().any(|arg| arg.contains('o')) {
        return call.unsupported("-o");
    }
    call.line("PID   USER     TIME  COMMAND");
    for (pid, _, command, _) in rows {
        call.line(&format!("{pid:>5} {user:<8}  0:00 {command}"));
    }
    Ok(0)
}

fn named(call: &Call, name: &str, full: bool) -> Vec<u32> {
    let matches = |command: &str| {
        let program = super::super::files::base(command.split(' ').next().unwrap_or_default());
        program == name || full && command.contains(name)
    };
    running(call)
        .into_iter()
        .filter(|(pid, _, command, _)| *pid != call.process.pid && matches(command))
        .map(|(pid, ..)| pid)
        .collect()
}

pub fn pgrep(call: &mut Call) -> Outcome {
    let options = call.options("");
    let pidof = call.name() == "pidof";
    let full = options.has('f') || !pidof;
    let pids: Vec<String> =
        options.operands.iter().flat_map(|name| named(call, name, full)).map(|pid| pid.to_string()).collect();
    if !pids.is_empty() {
        call.line(&pids.join(if pidof { " " } else { "\n" }));
    }
    Ok(i32::from(pids.is_empty()))
}

pub fn killall(call: &mut Call) -> Outcome {
    let mut signal = Some(Signal::Term);
    let mut status = 0;
    let full = call.args().iter().any(|arg| arg == "-f");
    for arg in call.args().to_vec() {
        if let Some(name) = arg.strip_prefix('-') {
            if !matches!(name, "q" | "f" | "s") {
                signal = if name == "0" { None } else { Signal::parse(name) };
            }
            continue;
        }
        let pids = named(call, &arg, full);
        if pids.is_empty() {
            if call.name() == "killall" && !call.args().iter().any(|a| a == "-q") {
                call.complain(&format!("{arg}: no process killed"));
            }
            status = 1;
        }
        for pid in pids {
            // Listed just now, so it is there.
            let _ = call.sys.kernel.send(pid, signal);
        }
    }
    Ok(status)
}

pub fn free(call: &mut Call) -> Outcome {
    let options = call.options("");
    let scale = if options.has('m') {
        1024
    } else if options.has('g') {
        1 << 20
    } else {
        1
    };
    let used: u64 = running(call).iter().map(|row| row.3).sum::<u64>() / 1024;
    let total = 8u64 << 20;
    let cell = |kib: u64| format!("{:>12}", kib / scale);
    call.line("              total        used        free      shared  buff/cache   available");
    call.line(&format!(
        "Mem:   {}{}{}{}{}{}",
        cell(total),
        cell(used),
        cell(total - used.min(total)),
        cell(0),
        cell(0),
        cell(total - used.min(total))
    ));
    call.line(&format!("Swap:  {}{}{}", cell(0), cell(0), cell(0)));
    Ok(0)
}

pub fn uptime(call: &mut Call) -> Outcome {
    let now = call.sys.clock().as_secs();
    let up = call.sys.now.as_secs() / 60;
    let date = calendar(now);
    call.line(&format!(
        " {:02}:{:02}:{:02} up {up} min,  0 users,  load average: 0.00, 0.00, 0.00",
        date.hour, date.minute, date.second
    ));
    Ok(0)
}
