package stack

import "testing"

var dotNetStacks = []stackCase{
	{
		name: "inner exceptions",
		text: `System.InvalidOperationException: outer
 ---> System.ArgumentException: middle
two lines
 ---> System.FormatException: inner
   at Shop.Prices.Parse(String s) in /src/Prices.cs:line 5
   --- End of inner exception stack trace ---
   at Shop.Prices.Get()
   --- End of inner exception stack trace ---
   at Shop.Function.Handler(Order order) in C:\src\Function (1).cs:line 12
--- End of stack trace from previous location ---
   at System.Threading.Tasks.Task.Wait()
`,
		want: []wantException{
			{typ: "System.InvalidOperationException", message: "outer", cause: true, frames: []Frame{
				{`C:\src\Function (1).cs`, "Shop.Function.Handler(Order order)", 12},
				{"", "System.Threading.Tasks.Task.Wait()", 0},
			}},
			{typ: "System.ArgumentException", message: "middle\ntwo lines", cause: true, frames: []Frame{{"", "Shop.Prices.Get()", 0}}},
			{typ: "System.FormatException", message: "inner", frames: []Frame{{"/src/Prices.cs", "Shop.Prices.Parse(String s)", 5}}},
		},
	},
	{
		name: "headers in one line", typ: "T", message: "m",
		text: "A: outer ---> B: inner\r\n   at B.B()\r\n   --- End of inner exception stack trace ---\r\n   at A.A()\r\n",
		want: []wantException{
			{typ: "T", message: "m", cause: true, frames: []Frame{{"", "A.A()", 0}}},
			{typ: "B", message: "inner", frames: []Frame{{"", "B.B()", 0}}},
		},
	},
	{
		name: "numbers of errors",
		text: `Microsoft.Data.SqlClient.SqlException (0x80131904): Login failed
for user
 ---> System.ComponentModel.Win32Exception (5): Access is denied.
   at A.A()
   --- End of inner exception stack trace ---
   at B.B()
`,
		want: []wantException{
			{typ: "Microsoft.Data.SqlClient.SqlException", message: "(0x80131904): Login failed", cause: true, frames: []Frame{{"", "B.B()", 0}}},
			{typ: "System.ComponentModel.Win32Exception", message: "(5): Access is denied.", frames: []Frame{{"", "A.A()", 0}}},
		},
	},
	{
		name: "members of an aggregate",
		text: `System.AggregateException: One or more errors occurred. (a) (b)
 ---> A: a
   at A.A() in /a.cs:line 1
   --- End of inner exception stack trace ---
   at System.Threading.Tasks.Task.Wait()
 ---> (Inner Exception #1) B: b
 ---> C: c
   at C.C() in /c.cs:line 3
   --- End of inner exception stack trace ---
   at B.B() in /b.cs:line 2<---
`,
		want: []wantException{
			{typ: "System.AggregateException", message: "One or more errors occurred. (a) (b)", cause: true, frames: []Frame{{"", "System.Threading.Tasks.Task.Wait()", 0}}},
			{typ: "A", message: "a", frames: []Frame{{"/a.cs", "A.A()", 1}}},
			{typ: "B", message: "b", cause: true, frames: []Frame{{"/b.cs", "B.B()", 2}}},
			{typ: "C", message: "c", frames: []Frame{{"/c.cs", "C.C()", 3}}},
		},
	},
	{
		name: "frames alone", typ: "T", message: "m", text: "   at A.A()\n",
		want: []wantException{{typ: "T", message: "m", frames: []Frame{{"", "A.A()", 0}}}},
	},
	{
		name: "odd lines",
		text: " ---> \n ---> (Inner Exception #\n   at :line \n   at ) in :line 1\n   --- End of inner exception stack trace\n   --- End of inner exception stack trace\n   at <---",
		want: []wantException{
			{cause: true, frames: []Frame{{"", "", 0}}},
			{cause: true},
			{typ: "(Inner Exception #", frames: []Frame{{"", ":line ", 0}, {"", ")", 1}}},
		},
	},
	{
		name: "text after an inner exception without frames", typ: "T", message: "m",
		text: "A: m\n ---> B: n\n   --- End of inner exception stack trace ---\nmore\n",
		want: []wantException{{typ: "T", message: "m", cause: true}, {typ: "B", message: "n"}},
	},
	{
		name: "messages of several lines",
		text: "A: a\n ---> B: first\n   second\n   at B.B()\n   --- End of inner exception stack trace ---\n   at A.A()\n",
		want: []wantException{
			{typ: "A", message: "a", cause: true, frames: []Frame{{"", "A.A()", 0}}},
			{typ: "B", message: "first\n   second", frames: []Frame{{"", "B.B()", 0}}},
		},
	},
	{
		name: "an aggregate that nobody threw",
		text: "System.AggregateException: Two (a) (b)\n ---> A: a\n   at A.A()\n   --- End of inner exception stack trace ---\n ---> (Inner Exception #1) B: b\n   at B.B()<---\n",
		want: []wantException{
			{typ: "System.AggregateException", message: "Two (a) (b)", cause: true},
			{typ: "A", message: "a", frames: []Frame{{"", "A.A()", 0}}},
			{typ: "B", message: "b", frames: []Frame{{"", "B.B()", 0}}},
		},
	},
	{
		name: "a bracket that is no number", text: "A (b: c\n   at A.A()\n",
		want: []wantException{{typ: "A (b", message: "c", frames: []Frame{{"", "A.A()", 0}}}},
	},
	{
		name: "no stack", typ: "T", message: "m", text: "A: b",
		want: []wantException{{typ: "T", message: "m", text: "A: b"}},
	},
	{
		name: "tabs in place of the spaces",
		text: "System.InvalidOperationException: outer\n\t---> System.ArgumentException: inner\n\tat Shop.Prices.Parse(String s) in /src/Prices.cs:line 5\n\t--- End of inner exception stack trace ---\n\tat Shop.Function.Handler(Order order) in /src/Function.cs:line 12",
		want: []wantException{
			{typ: "System.InvalidOperationException", message: "outer", cause: true, truncated: 0, frames: []Frame{{"/src/Function.cs", "Shop.Function.Handler(Order order)", 12}}},
			{typ: "System.ArgumentException", message: "inner", frames: []Frame{{"/src/Prices.cs", "Shop.Prices.Parse(String s)", 5}}},
		},
	},
}

func TestStackDotNet(t *testing.T) {
	testStack(t, DotNet, dotNetStacks)
}
