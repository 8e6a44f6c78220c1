package stack

import "testing"

var pythonStacks = []stackCase{
	{
		name: "most recent call first", typ: "T", message: "m",
		text: `Traceback (most recent call last):
  File "/var/task/app.py", line 14, in handler
    f()
    ~^^
  File "/var/task/lib.py", line 3, in f
    raise ValueError('x')
ValueError: x
`,
		want: []wantException{{typ: "T", message: "m", frames: []Frame{
			{"/var/task/lib.py", "f", 3},
			{"/var/task/app.py", "handler", 14},
		}}},
	},
	{
		name: "raise from, and an exception while handling another",
		text: `Traceback (most recent call last):
  File "/a.py", line 1, in parse
    int("x")
ValueError: invalid literal

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/a.py", line 2, in price
    parse()
  File "/a.py", line 3, in parse_or_raise
    raise PriceError() from e
app.PriceError: no price
for x

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/a.py", line 4, in handler
    price()
KeyError: 'k'
`,
		want: []wantException{
			{typ: "KeyError", message: "'k'", cause: true, frames: []Frame{{"/a.py", "handler", 4}}},
			{typ: "app.PriceError", message: "no price\nfor x", cause: true, frames: []Frame{{"/a.py", "parse_or_raise", 3}, {"/a.py", "price", 2}}},
			{typ: "ValueError", message: "invalid literal", frames: []Frame{{"/a.py", "parse", 1}}},
		},
	},
	{
		name: "a cause that was never raised",
		text: "ValueError: x\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"/a.py\", line 1, in <module>\nKeyError\n",
		want: []wantException{
			{typ: "KeyError", cause: true, frames: []Frame{{"/a.py", "<module>", 1}}},
			{typ: "ValueError", message: "x"},
		},
	},
	{
		name: "recursion and a syntax error",
		text: `Traceback (most recent call last):
  File "/a.py", line 1, in f
    f()
  [Previous line repeated 996 more times]
  File "/b.py", line 2
    def
       ^
SyntaxError: invalid syntax
`,
		want: []wantException{{typ: "SyntaxError", message: "invalid syntax", truncated: 996, frames: []Frame{{"/b.py", "", 2}, {"/a.py", "f", 1}}}},
	},
	{
		name: "exception group", typ: "ExceptionGroup", message: "eg (2 sub-exceptions)", text: pythonGroup,
		want: []wantException{{typ: "ExceptionGroup", message: "eg (2 sub-exceptions)", text: pythonGroup, frames: []Frame{{"/a.py", "<module>", 1}}}},
	},
	{
		name: "exception group described by its text", text: pythonGroup,
		want: []wantException{{typ: "ExceptionGroup", message: "eg (2 sub-exceptions)", text: pythonGroup, frames: []Frame{{"/a.py", "<module>", 1}}}},
	},
	{
		name: "odd lines", typ: "T", message: "m",
		text: "Traceback (most recent call last):\n  File \"\n  File \"/a.py\", line \n  File \"/b.py\", line x, in \nE",
		want: []wantException{{typ: "T", message: "m", frames: []Frame{{"/b.py", "", 0}, {"/a.py", "", 0}}}},
	},
	{
		name: "no stack", typ: "T", message: "m", text: "NoneType: None\n",
		want: []wantException{{typ: "T", message: "m", text: "NoneType: None\n"}},
	},
}

const pythonGroup = `  + Exception Group Traceback (most recent call last):
  |   File "/a.py", line 1, in <module>
  |     raise ExceptionGroup("eg", [ValueError(1), TypeError(2)])
  | ExceptionGroup: eg (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/b.py", line 2, in f
    | ValueError: 1
    +---------------- 2 ----------------
    | TypeError: 2
    +------------------------------------
`

func TestStackPython(t *testing.T) {
	testStack(t, Python, pythonStacks)
}
