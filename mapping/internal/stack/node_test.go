package stack

import "testing"

var nodeStacks = []stackCase{
	{
		name: "CommonJS", typ: "T", message: "m",
		text: "TypeError: x\n    at handler (/var/task/index.js:6:11)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
		want: []wantException{{typ: "T", message: "m", frames: []Frame{
			{"/var/task/index.js", "handler", 6},
			{"node:internal/process/task_queues", "process.processTicksAndRejections", 95},
		}}},
	},
	{
		name: "ES modules",
		text: "TypeError: x\n    at price (file:///var/task/index.mjs:6:11)\n    at async Runtime.handleOnce (file:///var/runtime/index.mjs:1173:29)\n    at async file:///var/task/main.mjs:3:1\n    at file:///C:/app/main.mjs:4:1\n",
		want: []wantException{{typ: "TypeError", message: "x", frames: []Frame{
			{"/var/task/index.mjs", "price", 6},
			{"/var/runtime/index.mjs", "async Runtime.handleOnce", 1173},
			{"/var/task/main.mjs", "async <anonymous>", 3},
			{"C:/app/main.mjs", "<anonymous>", 4},
		}}},
	},
	{
		name: "every form of call",
		text: `Error
    at new Foo (C:\app\foo (1).js:1:2)
    at Foo.bar [as baz] (/x.js:3:1)
    at /var/task/index.js:4:11
    at Object.<anonymous> (/var/task/index.js:5:1)
    at Array.map (<anonymous>)
    at async Promise.all (index 0)
    at eval (eval at f (/a.js:1:1), <anonymous>:6:1)
    at <anonymous>
`,
		want: []wantException{{typ: "Error", frames: []Frame{
			{`C:\app\foo (1).js`, "new Foo", 1},
			{"/x.js", "Foo.bar [as baz]", 3},
			{"/var/task/index.js", "<anonymous>", 4},
			{"/var/task/index.js", "Object.<anonymous>", 5},
			{"<anonymous>", "Array.map", 0},
			{"index 0", "async Promise.all", 0},
			{"eval at f (/a.js:1:1), <anonymous>", "eval", 6},
			{"<anonymous>", "<anonymous>", 0},
		}}},
	},
	{
		name: "errors of an AggregateError", // util.inspect, Node.js 20.20
		text: `AggregateError: several
    at file:///tmp/agg.mjs:7:92 {
  [errors]: [
    Error: ENOENT: no such file or directory, open '/nope'
        at Object.openSync (node:fs:573:18)
        at file:///tmp/agg.mjs:7:10 {
      errno: -2,
      code: 'ENOENT'
    },
    TypeError: no stock
    second line
        at stock (file:///tmp/agg.mjs:4:31),
    'a string'
  ]
}`,
		want: []wantException{
			{typ: "AggregateError", message: "several", frames: []Frame{{"/tmp/agg.mjs", "<anonymous>", 7}}, text: `AggregateError: several
    at file:///tmp/agg.mjs:7:92 {
  [errors]: [
    Error: ENOENT: no such file or directory, open '/nope'
        at Object.openSync (node:fs:573:18)
        at file:///tmp/agg.mjs:7:10 {
      errno: -2,
      code: 'ENOENT'
    },
    TypeError: no stock
    second line
        at stock (file:///tmp/agg.mjs:4:31),
    'a string'
  ]
}`},
			{typ: "Error", message: "ENOENT: no such file or directory, open '/nope'", frames: []Frame{{"node:fs", "Object.openSync", 573}, {"/tmp/agg.mjs", "<anonymous>", 7}}},
			{typ: "TypeError", message: "no stock\n    second line", frames: []Frame{{"/tmp/agg.mjs", "stock", 4}}},
			{message: "'a string'"},
		},
	},
	{
		name: "AggregateError without frames",
		text: "[AggregateError: All promises were rejected] {\n  [errors]: [\n    Error: no price\n        at price (file:///tmp/agg.mjs:3:33)\n  ]\n}",
		want: []wantException{
			{typ: "AggregateError", message: "All promises were rejected", text: "[AggregateError: All promises were rejected] {\n  [errors]: [\n    Error: no price\n        at price (file:///tmp/agg.mjs:3:33)\n  ]\n}"},
			{typ: "Error", message: "no price", frames: []Frame{{"/tmp/agg.mjs", "price", 3}}},
		},
	},
	{
		name: "messages that look like errors and calls",
		text: "Error: no order\nTypeError: none\napp@db:5432\n/var/task/x.js:1:2\n    at f (/x.js:1:1)",
		want: []wantException{{typ: "Error", message: "no order", frames: []Frame{{"/x.js", "f", 1}}}},
	},
	{
		name: "scoped packages and short paths",
		text: "Error: x\n    at /var/task/node_modules/@aws-sdk/core/index.js:10:5\n    at async file:///x:2:1\n    at file:///:3:1\n    at file://C:/x.mjs:4:1",
		want: []wantException{{typ: "Error", message: "x", frames: []Frame{
			{"/var/task/node_modules/@aws-sdk/core/index.js", "<anonymous>", 10},
			{"/x", "async <anonymous>", 2},
			{"/", "<anonymous>", 3},
			{"C:/x.mjs", "<anonymous>", 4},
		}}},
	},
	{
		name: "one error behind the other",
		text: "Error: a\n    at f (/x.js:1:1)\nTypeError [ERR_X]: b\n    at g (/y.js:2:1)\ncaused by: Error: c\n    at h (/z.js:3:1)",
		want: []wantException{
			{typ: "Error", message: "a", frames: []Frame{{"/x.js", "f", 1}}},
			{typ: "TypeError [ERR_X]", message: "b", cause: true, frames: []Frame{{"/y.js", "g", 2}}},
			{typ: "Error", message: "c", frames: []Frame{{"/z.js", "h", 3}}},
		},
	},
	{
		name: "causes", typ: "Error", message: "outer",
		text: `Error: outer
    at handler (/x.js:1:1) {
  code: 'E_PRICE',
  [cause]: TypeError: inner
      at f (/y.js:2:3) {
    [cause]: Error: innermost
        at g (/z.js:4:5)
  }
}`,
		want: []wantException{
			{typ: "Error", message: "outer", cause: true, frames: []Frame{{"/x.js", "handler", 1}}},
			{typ: "TypeError", message: "inner", cause: true, frames: []Frame{{"/y.js", "f", 2}}},
			{typ: "Error", message: "innermost", frames: []Frame{{"/z.js", "g", 4}}},
		},
	},
	{
		name: "a message that looks like a frame",
		text: "Error: cannot look\nat night: 3:1\n    at f (/x.js:1:1)",
		want: []wantException{{typ: "Error", message: "cannot look", frames: []Frame{{"/x.js", "f", 1}}}},
	},
	{
		name: "Firefox", typ: "Error", message: "m",
		text: "handler@https://shop.example/app.js:6:11\n@https://shop.example/app.js:9:1\nuser@shop.example\n",
		want: []wantException{{typ: "Error", message: "m", frames: []Frame{
			{"https://shop.example/app.js", "handler", 6},
			{"https://shop.example/app.js", "<anonymous>", 9},
		}}},
	},
	{
		name: "no stack", text: "it's not an error",
		want: []wantException{{message: "it's not an error", text: "it's not an error"}},
	},
}

func TestStackNode(t *testing.T) {
	testStack(t, Node, nodeStacks)
}
