package stack

import "testing"

var javaStacks = []stackCase{
	{
		name: "cause and frames in common", typ: "T", message: "m",
		text: `java.lang.IllegalStateException: state is not legal
	at a.B.c(B.java:626)
	at java.base/jdk.internal.reflect.N.invoke0(Native Method)
Caused by: java.lang.IllegalArgumentException: bad argument
	at d.E.f(E.java:1)
	... 2 more
`,
		want: []wantException{
			{typ: "T", message: "m", cause: true, frames: []Frame{
				{"B.java", "a.B.c", 626},
				{"Native Method", "jdk.internal.reflect.N.invoke0", 0},
			}},
			{typ: "java.lang.IllegalArgumentException", message: "bad argument", truncated: 2, frames: []Frame{{"E.java", "d.E.f", 1}}},
		},
	},
	{
		name: "type and message of the text",
		text: "java.lang.NullPointerException\n\tat a.B.c(B.java)\n\tat app//x.Y.z(Unknown Source)\nCaused by: a.NoMessage\n",
		want: []wantException{
			{typ: "java.lang.NullPointerException", cause: true, frames: []Frame{{"B.java", "a.B.c", 0}, {"Unknown Source", "x.Y.z", 0}}},
			{typ: "a.NoMessage"},
		},
	},
	{
		name: "messages of several lines",
		text: "a.E: one\ntwo: three\n\tat a.B.c(B.java:1)\r\nCaused by: a.F: four\n\n\tfive\n\tat a.B.d(B.java:2)\n",
		want: []wantException{
			{typ: "a.E", message: "one\ntwo: three", cause: true, frames: []Frame{{"B.java", "a.B.c", 1}}},
			{typ: "a.F", message: "four\n\n\tfive", frames: []Frame{{"B.java", "a.B.d", 2}}},
		},
	},
	{
		name: "hidden classes and modules",
		text: "a.E: m\n\tat com.x.Foo$$Lambda$14/0x0000000800066840.run(Unknown Source)\n\tat java.base@21.0.1/java.lang.Thread.run(Thread.java:840)\n\tat loader/mod@1/x.Y$$Lambda/0x01.run(<generated>)\n",
		want: []wantException{{typ: "a.E", message: "m", frames: []Frame{
			{"Unknown Source", "com.x.Foo$$Lambda$14/0x0000000800066840.run", 0},
			{"Thread.java", "java.lang.Thread.run", 840},
			{"<generated>", "x.Y$$Lambda/0x01.run", 0},
		}}},
	},
	{
		name: "suppressed exceptions come after the chain",
		text: `a.E: main
	at a.A.main(A.java:1)
	Suppressed: a.S: close
		at a.R.close(R.java:2)
		Suppressed: a.SS: inner close
			at a.R.flush(R.java:3)
		... 1 more
	Caused by: a.SC: close cause
		at a.R.sync(R.java:4)
Caused by: a.C: cause
	at a.A.call(A.java:5)
	... 1 more
`,
		want: []wantException{
			{typ: "a.E", message: "main", cause: true, frames: []Frame{{"A.java", "a.A.main", 1}}},
			{typ: "a.C", message: "cause", truncated: 1, frames: []Frame{{"A.java", "a.A.call", 5}}},
			{typ: "a.S", message: "close", cause: true, truncated: 1, frames: []Frame{{"R.java", "a.R.close", 2}}},
			{typ: "a.SC", message: "close cause", frames: []Frame{{"R.java", "a.R.sync", 4}}},
			{typ: "a.SS", message: "inner close", frames: []Frame{{"R.java", "a.R.flush", 3}}},
		},
	},
	{
		name: "indented with spaces",
		text: "a.E: m\n    at a.B.c(B.java:1)\n    Suppressed: a.S: s\n        at a.B.d(B.java:2)\nCaused by: a.C: c\n    at a.B.e(B.java:3)\n",
		want: []wantException{
			{typ: "a.E", message: "m", cause: true, frames: []Frame{{"B.java", "a.B.c", 1}}},
			{typ: "a.C", message: "c", frames: []Frame{{"B.java", "a.B.e", 3}}},
			{typ: "a.S", message: "s", frames: []Frame{{"B.java", "a.B.d", 2}}},
		},
	},
	{
		name: "circular reference",
		text: "a.E: m\n\tat a.B.c(B.java:1)\nCaused by: [CIRCULAR REFERENCE: a.E: m]\n",
		want: []wantException{{typ: "a.E", message: "m", frames: []Frame{{"B.java", "a.B.c", 1}}}},
	},
	{
		name: "odd lines", typ: "T", message: "m",
		text: "a.E: m\n\tat \n\tat (\n\tat )(\n\tat x\nCaused by: \n\tat :(:)\n",
		want: []wantException{
			{typ: "T", message: "m", cause: true, frames: []Frame{{"", "", 0}, {"", ")", 0}}},
			{frames: []Frame{{":", ":", 0}}},
		},
	},
	{
		name: "all frames in common",
		text: "a.E: m\n\tat a.B.c(B.java:1)\nCaused by: a.C: cause\n\t... 1 more\n",
		want: []wantException{
			{typ: "a.E", message: "m", cause: true, frames: []Frame{{"B.java", "a.B.c", 1}}},
			{typ: "a.C", message: "cause", truncated: 1},
		},
	},
	{
		name: "messages that look like frames and suppressed exceptions",
		text: "a.E: we meet\n\tat noon\nor later\n\tat a.B.c(B.java:1)\nCaused by: a.C: keep\nSuppressed: all\n\tat a.B.d(B.java:2)\n",
		want: []wantException{
			{typ: "a.E", message: "we meet\n\tat noon\nor later", cause: true, frames: []Frame{{"B.java", "a.B.c", 1}}},
			{typ: "a.C", message: "keep", frames: []Frame{{"B.java", "a.B.d", 2}}},
		},
	},
	{
		name: "no stack", typ: "T", message: "m", text: "a.E: m",
		want: []wantException{{typ: "T", message: "m", text: "a.E: m"}},
	},
	{
		name: "an empty message",
		text: "T:\n\tat a.B.c(B.java:1)\nCaused by: java.net.SocketException:\n\tat d.E.f(E.java:1)\n",
		want: []wantException{
			{typ: "T", cause: true, frames: []Frame{{"B.java", "a.B.c", 1}}},
			{typ: "java.net.SocketException", frames: []Frame{{"E.java", "d.E.f", 1}}},
		},
	},
}

func TestStackJava(t *testing.T) {
	testStack(t, Java, javaStacks)
}
