package stack

import "testing"

var rustStacks = []stackCase{
	{
		name: "std backtrace", typ: "T", message: "m",
		text: `   0: core::panicking::panic_fmt
             at /rustc/90b35a6/library/core/src/panicking.rs:72:14
   1: shop::price
             at ./src/main.rs:10
   2: <T as core::future::Future>::poll
   3: __libc_start_main
`,
		want: []wantException{{typ: "T", message: "m", frames: []Frame{
			{"/rustc/90b35a6/library/core/src/panicking.rs", "core::panicking::panic_fmt", 72},
			{"./src/main.rs", "shop::price", 10},
			{"", "<T as core::future::Future>::poll", 0},
			{"", "__libc_start_main", 0},
		}}},
	},
	{
		name: "anyhow", typ: "T", message: "no price",
		text: `no price

Caused by:
    0: cannot parse
       the price
    1: invalid digit

Stack backtrace:
   0: shop::price
             at ./src/main.rs:10:5
`,
		want: []wantException{
			{typ: "T", message: "no price", cause: true, frames: []Frame{{"./src/main.rs", "shop::price", 10}}},
			{message: "cannot parse\n       the price", cause: true},
			{message: "invalid digit"},
		},
	},
	{
		name: "one cause", typ: "T", message: "no price", text: "no price\n\nCaused by:\n    invalid digit\n    here",
		want: []wantException{{typ: "T", message: "no price", cause: true}, {message: "invalid digit\n    here"}},
	},
	{
		name: "frame 9", typ: "T", message: "m", text: "   9: shop::price\n             at ./src/main.rs:10:5\n  10: shop::main\n",
		want: []wantException{{typ: "T", message: "m", frames: []Frame{{"./src/main.rs", "shop::price", 10}, {"", "shop::main", 0}}}},
	},
	{
		name: "no stack", typ: "T", message: "m", text: "stack backtrace:\n  at x:1\n12 13: x",
		want: []wantException{{typ: "T", message: "m", text: "stack backtrace:\n  at x:1\n12 13: x"}},
	},
}

func TestStackRust(t *testing.T) {
	testStack(t, Rust, rustStacks)
}
