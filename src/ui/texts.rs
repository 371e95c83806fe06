//! Everything the screen says, in every language. A text that lacks one does not compile.

/// A language of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    #[default]
    En,
    Ko,
}

impl Lang {
    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ko => "ko",
        }
    }

    /// The language of a BCP 47 tag, English if it is none of ours.
    pub fn of(tag: &str) -> Lang {
        if tag.starts_with("ko") { Lang::Ko } else { Lang::En }
    }

    pub fn other(self) -> Lang {
        match self {
            Lang::En => Lang::Ko,
            Lang::Ko => Lang::En,
        }
    }

    /// A count of errors in words.
    pub fn errors(self, count: usize) -> String {
        if count == 1 { self.one_error().into() } else { self.errors_n(&count.to_string()) }
    }

    /// A count of things in words: `1 Pod`, `3 Pods`.
    pub fn pods(self, count: usize) -> String {
        match (self, count) {
            (Lang::En, 1) => self.one_pod().into(),
            _ => self.many_pods(&count.to_string()),
        }
    }
}

macro_rules! texts {
    ($($name:ident: $en:literal, $ko:literal;)*) => {
        impl Lang { $(
            pub fn $name(self) -> &'static str {
                match self { Lang::En => $en, Lang::Ko => $ko }
            }
        )* }
    };
}

macro_rules! sentences {
    ($($name:ident($($part:ident),*): $en:literal, $ko:literal;)*) => {
        impl Lang { $(
            pub fn $name(self, $($part: &str),*) -> String {
                match self { Lang::En => format!($en), Lang::Ko => format!($ko) }
            }
        )* }
    };
}

texts! {
    // The head of the page.
    tagline: "A Kubernetes cluster in this tab", "이 탭 안에서 도는 Kubernetes 클러스터";
    play: "Play", "재생";
    pause: "Pause", "일시정지";
    step: "Next event", "다음 이벤트로";
    reset: "Start over", "처음부터";
    speed: "Speed", "속도";
    clock: "Time since the start", "시작 후 경과 시간";
    language: "한국어로 보기", "Switch to English";
    theme: "Dark or light", "다크/라이트 전환";
    help: "Keyboard shortcuts", "단축키";
    live: "Live", "실시간";
    past: "Past", "과거 시점";
    go_live: "Back to live", "실시간으로 돌아가기";
    time_bar: "Time control", "시간 제어";
    // Panes.
    manifest: "Manifest", "매니페스트";
    editor_label: "YAML manifest", "YAML 매니페스트";
    editor_failed: "The editor did not load. Reload the page to try again.",
        "편집기를 불러오지 못했습니다. 페이지를 새로고침해 주세요.";
    tree: "Tree", "트리";
    nodes: "Nodes", "노드";
    events: "Events", "이벤트";
    views: "Views", "보기";
    details: "Details", "상세";
    apply: "Apply", "적용";
    auto_apply: "Apply as I type", "입력하면 바로 적용";
    editor_width: "Width of the editor (← →)", "편집기 너비 (← →)";
    restore: "Restore", "원래대로";
    restore_hint: "Bring back the scenario's own manifest", "시나리오의 원래 매니페스트로 되돌리기";
    // The state of the manifest.
    valid: "Valid", "문제 없음";
    not_applied: "Edited, not applied yet", "수정됨, 아직 적용하지 않음";
    checking: "Checking …", "확인 중 …";
    // Empty states.
    no_workloads: "Nothing runs yet", "아직 실행 중인 것이 없습니다";
    no_workloads_hint: "Press Play to run the scenario, or apply the manifest.",
        "재생을 눌러 시나리오를 실행하거나 매니페스트를 적용해 보세요.";
    no_nodes: "No nodes", "노드가 없습니다";
    no_nodes_hint: "The scenario's file says how many nodes there are.",
        "노드 수는 시나리오 파일에서 정합니다.";
    no_events: "No Events yet", "아직 이벤트가 없습니다";
    no_events_hint: "Events appear here as the cluster works.",
        "클러스터가 동작하면 이벤트가 여기에 나타납니다.";
    no_match: "No Event matches", "일치하는 이벤트가 없습니다";
    no_match_hint: "Search another word, or clear the search.",
        "다른 단어로 검색하거나 검색어를 지워 보세요.";
    object_gone: "It does not exist at this moment.", "이 시점에는 존재하지 않습니다.";
    // The tree.
    tree_label: "Workloads and their Pods", "워크로드와 Pod";
    loose_pods: "Pods without an owner", "소유자 없는 Pod";
    unplaced: "On no node", "노드 미배정";
    one_error: "1 error", "오류 1개";
    one_pod: "1 Pod", "Pod 1개";
    ready: "ready", "Ready";
    paused: "Paused: changes of the template wait until it is resumed",
        "일시 중지됨: resume할 때까지 템플릿 변경이 반영되지 않습니다";
    scaled_to_zero: "Scaled to 0", "0으로 스케일됨";
    refused: "May not create Pods", "Pod를 만들 수 없습니다";
    // States.
    pending: "Pending", "Pending";
    creating: "Creating", "생성 중";
    running: "Running, not ready", "Running, 아직 Ready 아님";
    state_ready: "Ready", "Ready";
    terminating: "Terminating", "Terminating";
    succeeded: "Succeeded", "Succeeded";
    failed: "Failing", "실패";
    unknown: "Unknown", "Unknown";
    // Nodes.
    cpu: "CPU", "CPU";
    memory: "Memory", "메모리";
    cordoned: "Cordoned", "스케줄링 중지됨";
    not_ready: "NotReady", "NotReady";
    // Events.
    search_events: "Search Events", "이벤트 검색";
    // The inspector.
    close: "Close", "닫기";
    copy_name: "Copy the name", "이름 복사";
    copied: "Copied", "복사됨";
    conditions: "Conditions", "컨디션";
    containers: "Containers", "컨테이너";
    init_container: "init", "init";
    yaml: "YAML", "YAML";
    status: "Status", "상태";
    node: "Node", "노드";
    restarts: "Restarts", "재시작";
    owner: "Owner", "소유자";
    images: "Images", "이미지";
    created: "Created", "생성 시각";
    before_that: "Before that", "직전 상태";
    waiting: "Waiting", "Waiting";
    running_since: "Running", "Running";
    terminated: "Terminated", "Terminated";
    no_state: "Not started", "시작 전";
    none_yet: "None yet", "아직 없음";
    revision: "Revision", "리비전";
    // The scrubber.
    scrubber: "Moment shown", "보고 있는 시점";
    mark_planned: "Planned step", "예정된 단계";
    mark_command: "Command", "명령";
    mark_refusal: "Refused command", "거부된 명령";
    mark_warning: "Warning", "경고";
    mark_stuck: "Rollout stuck", "롤아웃 정체";
    mark_complete: "Rollout complete", "롤아웃 완료";
    // The help sheet.
    help_step: "Go to the next event", "다음 이벤트로 이동";
    help_play: "Play or pause", "재생 또는 일시정지";
    help_speed: "Slower, faster", "느리게, 빠르게";
    help_reset: "Start over, with the manifest as it stands", "현재 매니페스트로 처음부터 다시";
    help_scrub: "Move in time, when the time line has the focus", "타임라인에 포커스가 있을 때 시간 이동";
    help_tree: "Move in the tree; Enter shows details", "트리에서 이동, Enter로 상세 보기";
    help_search: "Search the Events", "이벤트 검색";
    help_close: "Close the details", "상세 닫기";
    help_apply: "Apply the manifest, in the editor", "편집기에서 매니페스트 적용";
    help_leave: "Leave the editor", "편집기 밖으로 나가기";
    help_self: "This sheet", "이 도움말";
    // Editor furniture.
    leave_hint: "Tab indents. To leave the editor with the keyboard, press Escape, then Tab.",
        "Tab은 들여쓰기입니다. 키보드로 편집기를 벗어나려면 Escape를 누른 뒤 Tab을 누르세요.";
    tab_leaves: "Tab now leaves the editor.", "이제 Tab으로 편집기를 벗어납니다.";
    applied_fix: "Applied", "적용됨";
    fix_gone: "This fix no longer applies", "이 수정은 더 이상 적용할 수 없습니다";
    find: "Find", "찾기";
    replace: "Replace", "바꾸기";
    next: "next", "다음";
    previous: "previous", "이전";
    all: "all", "모두";
    match_case: "match case", "대소문자 구분";
    regexp: "regexp", "정규식";
    by_word: "by word", "단어 단위";
    replace_one: "replace", "바꾸기";
    replace_all: "replace all", "모두 바꾸기";
    close_panel: "close", "닫기";
    current_match: "current match", "현재 일치 항목";
    on_line: "on line", "행:";
    diagnostics: "Diagnostics", "진단";
    no_diagnostics: "No diagnostics", "진단 없음";
    completions: "Completions", "자동 완성";
}

sentences! {
    many_pods(count): "{count} Pods", "Pod {count}개";
    pods_ready(ready, pods): "{ready} of {pods} Pods ready", "Pod {pods}개 중 {ready}개 Ready";
    pods_failing(count): "{count} failing", "{count}개 실패";
    steady(ready, desired): "All {desired} Pods ready", "Pod {desired}개 모두 Ready ({ready}/{desired})";
    steady_one(ready): "{ready} Pod ready", "Pod {ready}개 Ready";
    rolling(updated, desired, ready): "Rolling out: {updated} of {desired} updated, {ready} ready",
        "롤아웃 진행 중: {desired}개 중 {updated}개 업데이트, {ready}개 Ready";
    coming(ready, desired): "{ready} of {desired} ready", "{desired}개 중 {ready}개 Ready";
    stuck(updated, desired, ready):
        "Rollout stuck: no progress within its deadline; {updated} of {desired} updated, {ready} ready",
        "롤아웃 정체: 기한 안에 진척이 없습니다. {desired}개 중 {updated}개 업데이트, {ready}개 Ready";
    problem(pods, status): "{pods}: {status}", "{pods}: {status}";
    deadline(left): "deadline in {left}", "기한까지 {left}";
    deleting(pods): "Deleting, {pods} left", "삭제 중, {pods} 남음";
    serving_one(count): "{count} ready endpoint", "Ready 엔드포인트 {count}개";
    serving(count): "{count} ready endpoints", "Ready 엔드포인트 {count}개";
    restart_in(left): "restart in {left}", "{left} 후 재시작";
    kill_in(left): "killed in {left}", "{left} 후 강제 종료";
    revision_n(number): "revision {number}", "리비전 {number}";
    older(count): "{count} more without Pods", "Pod 없는 항목 {count}개 더";
    restarts_n(count): "restarts: {count}", "재시작 {count}회";
    errors_n(count): "{count} errors", "오류 {count}개";
    applied(what): "Applied: {what}", "적용됨: {what}";
    line_n(line): "line {line}", "{line}행";
    exit_code(code): "exit code {code}", "종료 코드 {code}";
    since(time): "since {time}", "{time}부터";
    at_of(now, end): "{now} of {end}", "{end} 중 {now}";
    packed(pods, ready, failing): "{pods}: {ready} ready, {failing} failing", "{pods}: {ready}개 Ready, {failing}개 실패";
    replaced_on_line(line): "replaced match on line {line}", "{line}행의 일치 항목을 바꿈";
    // News.
    news_created(name): "{name} was created", "{name} 생성됨";
    news_gone(name): "{name} is gone", "{name} 사라짐";
    news_became(name, state): "{name} became {state}", "{name}: {state} 상태가 됨";
    news_scaled(name, from, to): "{name} was scaled from {from} to {to}", "{name}: 레플리카 {from}개에서 {to}개로 변경";
    news_stuck(name): "The rollout of {name} is stuck: its progress deadline has passed",
        "{name} 롤아웃 정체: progressDeadlineSeconds 초과";
    news_complete(name): "The rollout of {name} is complete", "{name} 롤아웃 완료";
}
