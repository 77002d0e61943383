package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// callKind is the kind of a call. The numbers are part of the ABI.
type callKind uint64

const (
	callInitClient callKind = 1
	callInvoke     callKind = 2
	callInvokeSync callKind = 3
)

// ErrClosed is the error of calls after Close.
var ErrClosed = errors.New("the client is closed")

// CallError is a failure that the core reports: its JSON text, and the network failure that caused it, if any.
type CallError struct {
	JSON  []byte
	Cause error
}

func (e *CallError) Error() string { return string(e.JSON) }

// TrapError is a trap of the core. The calls in flight fail with it, and the next call gets a new core.
type TrapError struct {
	place string
	cause error
}

func (e *TrapError) Error() string {
	// A stack trace of the module follows the first line.
	reason, _, _ := strings.Cut(e.cause.Error(), "\n")
	if e.place != "" {
		reason = "panic at " + e.place
	}
	return "the core stopped and was replaced: " + reason
}

// guest is one instance of the core, its calls in flight, and the requests performed for it.
type guest struct {
	sender sender
	memory api.Memory
	entry  struct{ alloc, start, resume, cancel, panicPlace api.Function }

	// ctx ends with the guest, and so do all requests performed for it.
	ctx  context.Context
	stop context.CancelFunc

	// mu is held while guest code runs, but not during waits for the network, a timer or a caller. It also guards the
	// following members.
	mu       sync.Mutex
	instance api.Module // nil once the guest is dead
	dead     error      // the reason
	calls    map[uint64]*call
	ops      map[uint64]context.CancelFunc
	causes   causes
}

// causes are the most recent failures of requests, by operation.
type causes struct {
	byOp map[uint64]error
	ops  []uint64 // oldest first
}

// maxCauses is the number of causes that are kept: more than calls that fail at the same time.
const maxCauses = 256

func (c *causes) keep(op uint64, cause error) {
	if c.byOp == nil {
		c.byOp = make(map[uint64]error)
	}
	if len(c.ops) == maxCauses {
		delete(c.byOp, c.ops[0])
		c.ops = c.ops[1:]
	}
	c.byOp[op] = cause
	c.ops = append(c.ops, op)
}

// call is a call of the core. Its outcome is sent once.
type call struct {
	id        uint64 // zero until the core assigns one
	abandoned bool
	outcome   chan outcome
}

type outcome struct {
	result Message
	err    error
}

func newGuest(m *module, sender sender) (*guest, error) {
	ctx := context.Background()
	instance, err := m.runtime.InstantiateModule(ctx, m.core, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return nil, fmt.Errorf("start the core: %w", err)
	}
	g := &guest{
		sender:   sender,
		memory:   instance.Memory(),
		instance: instance,
		calls:    make(map[uint64]*call),
		ops:      make(map[uint64]context.CancelFunc),
	}
	g.entry.alloc = instance.ExportedFunction("op_alloc")
	g.entry.start = instance.ExportedFunction("op_start")
	g.entry.resume = instance.ExportedFunction("op_resume")
	g.entry.cancel = instance.ExportedFunction("op_cancel")
	g.entry.panicPlace = instance.ExportedFunction("op_panic_place")
	version, err := instance.ExportedFunction("op_version").Call(ctx)
	if err != nil || version[0] != abiVersion {
		_ = instance.Close(ctx)
		return nil, fmt.Errorf("the embedded core does not have ABI version %d", abiVersion)
	}
	g.ctx, g.stop = context.WithCancel(ctx)
	return g, nil
}

// alive reports whether calls can succeed.
func (g *guest) alive() bool { return g.ctx.Err() == nil }

// close ends all calls and requests, and wipes the memory.
func (g *guest) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.die(ErrClosed)
}

// call runs a call, and waits for it until ctx ends.
func (g *guest) call(ctx context.Context, kind callKind, input Message) (Message, error) {
	if err := ctx.Err(); err != nil {
		return Message{}, err
	}
	c := &call{outcome: make(chan outcome, 1)}
	// In its own goroutine, so that the caller can return while guest code runs.
	go g.begin(c, kind, input)
	select {
	case o := <-c.outcome:
		return o.result, o.err
	case <-ctx.Done():
		go g.abandon(c)
		return Message{}, ctx.Err()
	}
}

func (g *guest) begin(c *call, kind callKind, input Message) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.abandoned {
		return
	}
	if g.dead != nil {
		c.outcome <- outcome{err: g.dead}
		return
	}
	step, err := g.enterWith(g.entry.start, uint64(kind), input.parts())
	if err != nil {
		g.die(err)
		c.outcome <- outcome{err: g.dead}
		return
	}
	c.id = step.Started
	g.calls[c.id] = c
	g.apply(step)
}

// abandon cancels a call that nobody waits for, and the requests that only it needs.
func (g *guest) abandon(c *call) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c.abandoned = true
	if _, running := g.calls[c.id]; !running || g.dead != nil {
		return
	}
	delete(g.calls, c.id)
	step, err := g.enter(g.entry.cancel, c.id)
	if err != nil {
		g.die(err)
		return
	}
	g.apply(step)
}

// complete passes the result of a request to the core.
func (g *guest) complete(op uint64, ev event) {
	input := ev.parts()
	g.mu.Lock()
	defer g.mu.Unlock()
	release, wanted := g.ops[op]
	if !wanted {
		return
	}
	release()
	delete(g.ops, op)
	if ev.cause != nil {
		g.causes.keep(op, ev.cause)
	}
	step, err := g.enterWith(g.entry.resume, op, input)
	if err != nil {
		g.die(err)
		return
	}
	g.apply(step)
}

// apply performs a step: it starts requests, ends calls, and cancels requests that are no longer needed.
func (g *guest) apply(s *step) {
	for _, op := range s.Unwanted {
		if release, ok := g.ops[op]; ok {
			release()
			delete(g.ops, op)
		}
	}
	for _, request := range s.HTTP {
		g.launch(request.Op, func(ctx context.Context) event { return g.sender.send(ctx, &request) })
	}
	for _, request := range s.Sleep {
		g.launch(request.Op, func(ctx context.Context) event { return sleep(ctx, millis(request.Ms)) })
	}
	for _, finished := range s.Finished {
		if c, ok := g.calls[finished.Call]; ok {
			delete(g.calls, finished.Call)
			c.outcome <- finished.outcome(&g.causes)
		}
	}
}

func (f *finishedCall) outcome(causes *causes) outcome {
	if f.OK {
		return outcome{result: f.message}
	}
	var failed struct {
		Cause struct{ ID uint64 }
	}
	_ = json.Unmarshal(f.message.Text, &failed) // The same error is reported when the whole text is parsed.
	return outcome{err: &CallError{JSON: f.message.Text, Cause: causes.byOp[failed.Cause.ID]}}
}

// launch performs a request outside of the guest.
func (g *guest) launch(op uint64, perform func(context.Context) event) {
	ctx, release := context.WithCancel(g.ctx)
	g.ops[op] = release
	go func() { g.complete(op, perform(ctx)) }()
}

func sleep(ctx context.Context, d time.Duration) event {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return event{header: "slept"}
}

// enterWith enters the guest with a number and a buffer that contains these parts.
func (g *guest) enterWith(f api.Function, number uint64, parts [][]byte) (*step, error) {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	pointer, err := g.entry.alloc.Call(g.ctx, uint64(length))
	if err != nil {
		return nil, err
	}
	next := uint32(pointer[0])
	for _, part := range parts {
		if !g.memory.Write(next, part) {
			return nil, errors.New("the core has no room for the input")
		}
		next += uint32(len(part))
	}
	return g.enter(f, number, pointer[0], uint64(length))
}

// enter runs guest code. An error means that the guest is unusable.
func (g *guest) enter(f api.Function, params ...uint64) (*step, error) {
	packed, err := f.Call(g.ctx, params...)
	if err != nil {
		return nil, err
	}
	frame, err := g.read(packed[0])
	if err != nil {
		return nil, err
	}
	return decodeStep(frame)
}

// read returns a copy of the bytes at pointer<<32 | length.
func (g *guest) read(packed uint64) ([]byte, error) {
	view, ok := g.memory.Read(uint32(packed>>32), uint32(packed))
	if !ok {
		return nil, errFrame
	}
	return bytes.Clone(view), nil
}

// die ends all calls and requests. Only the first cause counts.
func (g *guest) die(cause error) {
	if g.dead != nil {
		return
	}
	g.dead = cause
	if !errors.Is(cause, ErrClosed) {
		g.dead = &TrapError{place: g.panicPlace(), cause: cause}
	}
	for _, c := range g.calls {
		c.outcome <- outcome{err: g.dead}
	}
	g.stop()
	clear(g.calls)
	clear(g.ops)
	g.causes = causes{}
	// The memory is wiped because the garbage collector may keep keys and secrets for long.
	if memory, ok := g.memory.Read(0, g.memory.Size()); ok {
		clear(memory)
	}
	_ = g.instance.Close(context.Background())
	g.instance = nil
}

func (g *guest) panicPlace() string {
	packed, err := g.entry.panicPlace.Call(g.ctx)
	if err != nil {
		return ""
	}
	place, err := g.read(packed[0])
	if err != nil {
		return ""
	}
	return string(place)
}

// millis converts the core's milliseconds to a duration. Values of more than a century mean "no limit".
func millis(ms uint64) time.Duration {
	const century = 100 * 365 * 24 * time.Hour
	return time.Duration(min(ms, uint64(century/time.Millisecond))) * time.Millisecond
}
