package stack

import "testing"

var rubyStacks = []stackCase{
	{
		name: "full_message with a cause",
		text: "/var/task/app.rb:12:in 'Shop#price': no price (for x) (RuntimeError)\n\tfrom /var/task/app.rb:20:in 'block in handler'\n\t ... 10 levels...\n\tfrom /var/task/app.rb:30:in '<main>'\n/var/task/lib.rb:3:in 'parse': invalid value (ArgumentError)\nsecond line\n\tfrom /var/task/app.rb:10:in 'Shop#price'\n",
		want: []wantException{
			{typ: "RuntimeError", message: "no price (for x)", cause: true, truncated: 10, frames: []Frame{
				{"/var/task/app.rb", "Shop#price", 12}, {"/var/task/app.rb", "block in handler", 20}, {"/var/task/app.rb", "<main>", 30},
			}},
			{typ: "ArgumentError", message: "invalid value", frames: []Frame{{"/var/task/lib.rb", "parse", 3}, {"/var/task/app.rb", "Shop#price", 10}}},
		},
	},
	{
		name: "older quotes, no method", typ: "T", message: "m",
		text: "/a.rb:12:in `price': x (E)\n\tfrom /a.rb:20:in `block (2 levels) in <class:A>'\n\tfrom /a.rb:30\n",
		want: []wantException{{typ: "T", message: "m", frames: []Frame{
			{"/a.rb", "price", 12}, {"/a.rb", "block (2 levels) in <class:A>", 20}, {"/a.rb", "", 30},
		}}},
	},
	{
		name: "a line before the header",
		text: "the order failed:\n/a.rb:12:in 'price': x (E)\n",
		want: []wantException{{typ: "E", message: "x", frames: []Frame{{"/a.rb", "price", 12}}}},
	},
	{
		name: "joined backtrace", typ: "T", message: "m",
		text: "/a.rb:12:in `f'\n/b.rb:2:in `g'",
		want: []wantException{{typ: "T", message: "m", frames: []Frame{{"/a.rb", "f", 12}, {"/b.rb", "g", 2}}}},
	},
	{
		name: "the line at fault below the message",
		text: "/app.rb:1:in 'f': undefined local variable 'x' (NameError)\n\n    x\n    ^\n\tfrom /app.rb:5:in 'g'\n",
		want: []wantException{{typ: "NameError", message: "undefined local variable 'x'", frames: []Frame{{"/app.rb", "f", 1}, {"/app.rb", "g", 5}}}},
	},
	{
		name: "a message without a type, and a type without a message",
		text: "/a.rb:1:in 'f': f(x)\n/b.rb:2:in 'g':  (RuntimeError)\n",
		want: []wantException{
			{message: "f(x)", cause: true, frames: []Frame{{"/a.rb", "f", 1}}},
			{typ: "RuntimeError", frames: []Frame{{"/b.rb", "g", 2}}},
		},
	},
	{
		name: "places that are none", typ: "T", message: "m", text: "note:in 'f'\n/a.rb:1:in \n/a.rb:1:in f'\n",
		want: []wantException{{typ: "T", message: "m", text: "note:in 'f'\n/a.rb:1:in \n/a.rb:1:in f'\n"}},
	},
	{
		name: "odd lines", typ: "T", message: "m",
		text: ":in '\n:1:in 'x\n:1:in ''\nat 10:30\n:in :in 'x'\n",
		want: []wantException{{typ: "T", message: "m", frames: []Frame{{"", "", 1}}}},
	},
	{
		name: "no stack", typ: "T", message: "m", text: "nothing: 1",
		want: []wantException{{typ: "T", message: "m", text: "nothing: 1"}},
	},
}

func TestStackRuby(t *testing.T) {
	testStack(t, Ruby, rubyStacks)
}
