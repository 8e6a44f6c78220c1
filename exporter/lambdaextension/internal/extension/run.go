package extension

import "time"

// Waits between calls that fail. They have nothing to do with invocations: the API is
// on this machine and answers.
const (
	firstWait = 50 * time.Millisecond
	maxWait   = 5 * time.Second
)

// Run registers the extension that has this file name, takes events, and returns after
// SHUTDOWN. Whatever fails is tried again: an extension that exits before is a function
// that fails.
func (x *Extension) Run(name string) {
	a := &api{address: x.getenv(envRuntimeAPI)}
	defer a.hangUp()
	events := []string{"INVOKE", "SHUTDOWN"}
	if x.managed() {
		events = events[1:] // INVOKE is refused there
	}
	var e Event
	x.persist("registering", func() error { return a.register(name, events) })
	x.subscribe(a)
	for {
		x.persist("waiting for events", func() (err error) { e, err = a.next(); return err })
		switch e.EventType {
		case "INVOKE":
			x.Invoke(e)
		case "SHUTDOWN":
			x.Shutdown(e)
			return
		default:
			x.log.Once("event", "an event of type %q is not known", e.EventType)
		}
	}
}

// managed reports whether the function is on Lambda Managed Instances.
func (x *Extension) managed() bool {
	return x.getenv(envInitializationType) == "lambda-managed-instances"
}

// persist calls f until it succeeds.
func (x *Extension) persist(doing string, f func() error) {
	for wait := firstWait; ; wait = min(2*wait, maxWait) {
		err := f()
		if err == nil {
			return
		}
		x.log.Once(doing, "%s failed and is tried again, traces go on: %v", doing, err)
		time.Sleep(wait)
	}
}
