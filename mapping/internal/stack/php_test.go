package stack

import "testing"

var phpStacks = []stackCase{
	{
		name: "getTraceAsString", typ: "T", message: "m",
		text: `#0 /var/task/index (1).php(12): App\Prices->find('x', Object(Foo))
#1 [internal function]: App\{closure}('): ')
#2 /var/task/a.php(13) : eval()'d code(1): foo()
#3 /var/task/b.php(14): {closure:App\Foo::bar():12}(1)
#4 {main}
`,
		want: []wantException{{typ: "T", message: "m", frames: []Frame{
			{"/var/task/index (1).php", `App\Prices->find`, 12},
			{"[internal function]", `App\{closure}`, 0},
			{"/var/task/a.php(13) : eval()'d code", "foo", 1},
			{"/var/task/b.php", `{closure:App\Foo::bar():12}`, 14},
			{"", "{main}", 0},
		}}},
	},
	{
		name: "previous exceptions come first in the text",
		text: `RuntimeException: inner: cause in /var/task/lib.php:3
Stack trace:
#0 /var/task/index.php(12): find()
#1 {main}

Next App\OuterException: outer in /var/task/index.php:14
Stack trace:
#0 {main}`,
		want: []wantException{
			{typ: `App\OuterException`, message: "outer", cause: true, frames: []Frame{{"/var/task/index.php", "", 14}, {"", "{main}", 0}}},
			{typ: "RuntimeException", message: "inner: cause", frames: []Frame{
				{"/var/task/lib.php", "", 3}, {"/var/task/index.php", "find", 12}, {"", "{main}", 0},
			}},
		},
	},
	{
		name: "OpenTelemetry's own form",
		text: "Exception: outer\n at App.Prices.find(Prices.php:12)\n at {main}(index.php:3)\nCaused by: Error: inner\n at foo(x.php:1)\n ... 1 more",
		want: []wantException{
			{typ: "Exception", message: "outer", cause: true, frames: []Frame{{"Prices.php", "App.Prices.find", 12}, {"index.php", "{main}", 3}}},
			{typ: "Error", message: "inner", truncated: 1, frames: []Frame{{"x.php", "foo", 1}}},
		},
	},
	{
		name: "as the command line prints it",
		text: "RuntimeException: no price in /app/x.php:3\nStack trace:\n#0 /app/x.php(7): price()\n#1 {main}\n\n  thrown in /app/x.php on line 3",
		want: []wantException{{typ: "RuntimeException", message: "no price", frames: []Frame{{"/app/x.php", "", 3}, {"/app/x.php", "price", 7}, {"", "{main}", 0}}}},
	},
	{
		name: "odd lines",
		text: "#0 \n#1 (): {closure\n#2 ): {closure(\n#3 x(y): {closure(}",
		want: []wantException{{frames: []Frame{{"", "", 0}, {"", "{closure", 0}, {"", "): {closure", 0}, {"x", "{closure(}", 0}}}},
	},
	{
		name: "nothing before the first",
		text: "\nNext LogicException: outer in /app/x.php:3\nStack trace:\n#0 {main}",
		want: []wantException{{typ: "LogicException", message: "outer", frames: []Frame{{"/app/x.php", "", 3}, {"", "{main}", 0}}}},
	},
	{
		name: "no stack", typ: "T", message: "m", text: "nothing",
		want: []wantException{{typ: "T", message: "m", text: "nothing"}},
	},
}

func TestStackPHP(t *testing.T) {
	testStack(t, PHP, phpStacks)
}
