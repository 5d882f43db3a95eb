package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/partner-contacts/contact/benchmarks/bodies"
)

// A work is one piece of work that every contender does in its own way.
type work struct {
	key, title string
	bytes      int
	body       *bodies.Body                    // in the table of bodies; else the work has a table of its own
	bind       func(c *contender) func() error // the timed call; nil when the contender does not do it
}

// works are the four that have tables of their own, and that of judging each of all bodies. The timed
// call answers with an error when the contender's verdict is not the wanted one.
func works(b *bodies.Set) []work {
	ws := []work{
		{"full", "Accept a whole contact", len(b.Whole), nil, func(c *contender) func() error {
			if c.full == nil {
				return nil
			}
			return func() error { return c.full(b.Whole) }
		}},
		{"patch", "Accept a small patch", len(b.Patch), nil, func(c *contender) func() error {
			if c.patch == nil {
				return nil
			}
			return func() error { return c.patch(b.Patch) }
		}},
		{"faulty", "Refuse a contact with five faults and list them", len(b.Faulty), nil, func(c *contender) func() error {
			if c.full == nil {
				return nil
			}
			var places []string
			return func() error {
				err := c.full(b.Faulty)
				if err == nil && !c.baseline {
					return fmt.Errorf("%s accepts the faulty body", c.name)
				}
				places = c.list(places[:0], err)
				return nil
			}
		}},
		{"update", "The whole update, bytes to bytes", len(b.Whole) + len(b.Patch), nil, func(c *contender) func() error {
			if c.update == nil {
				return nil
			}
			return func() error {
				_, err := c.update(b.Whole, b.Patch)
				return err
			}
		}},
	}
	for i := range b.All {
		body := &b.All[i]
		ws = append(ws, work{"body", body.Name, len(body.Text), body, func(c *contender) func() error {
			if !c.near {
				return nil
			}
			return func() error {
				if err := c.patch(body.Text); !body.Bad {
					return err
				}
				return nil // accepts tells who finds nothing wrong with it
			}
		}})
	}
	return ws
}

// accepts reports whether a contender accepts a body.
func accepts(c *contender, body *bodies.Body) bool { return c.patch(body.Text) == nil }

// gcPercent lets the heap grow to three times what is live before it is
// collected. At every collection a contender pays for what all of them keep
// live, 4 to 5 MiB; with 200 contact.Parse and jsonschema/v6 come out at the
// same multiples of json.Valid as in a program of their own with the default
// of 100 (0.84 to 0.93 and 15 to 17, measured), with 100 a tenth above them.
const gcPercent = 200

// A result is what one contender took for one work: medians over all rounds.
type result struct {
	*contender
	ns, spread    float64 // spread: half the distance of the quartiles, as a part of the median
	bytes, allocs float64
	toValid, toUs float64 // its time as a multiple of the baseline's and of ours, round by round
}

// timing is one contender at one work while it is measured.
type timing struct {
	c                 *contender
	call              func() error
	n                 int
	ns, bytes, allocs []float64 // by round
}

// measure times every contender at every work, rounds times for about target
// each, and answers with the results by work. A round goes work by work
// through all contenders, in an order of its own, so that whatever else the
// machine does, and what one leaves behind for the next, hits all alike.
func measure(ws []work, cs []contender, rounds int, target time.Duration, progress func(round int)) ([][]result, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	timings := make([][]*timing, len(ws))
	for i, w := range ws {
		for j := range cs {
			call := w.bind(&cs[j])
			if call == nil {
				continue
			}
			t := &timing{c: &cs[j], call: call}
			if err := t.calibrate(target); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", w.key, cs[j].name, err)
			}
			timings[i] = append(timings[i], t)
		}
	}
	order := rand.New(rand.NewPCG(1, 2))
	for round := range rounds {
		progress(round)
		for _, ts := range timings {
			for _, i := range order.Perm(len(ts)) {
				if err := ts[i].round(); err != nil {
					return nil, err
				}
			}
		}
	}
	results := make([][]result, len(ws))
	for i, ts := range timings {
		valid := ts[slices.IndexFunc(ts, func(t *timing) bool { return t.c.name == baseline })]
		us := ts[slices.IndexFunc(ts, func(t *timing) bool { return t.c.us })]
		for _, t := range ts {
			q := quartiles(t.ns)
			results[i] = append(results[i], result{
				contender: t.c,
				ns:        q[1],
				spread:    (q[2] - q[0]) / 2 / q[1],
				bytes:     quartiles(t.bytes)[1],
				allocs:    quartiles(t.allocs)[1],
				toValid:   multiple(t.ns, valid.ns),
				toUs:      multiple(t.ns, us.ns),
			})
		}
	}
	return results, nil
}

// calibrate finds the number of calls that take about target. The first call
// is not counted: some contenders compile a decoder in it.
func (t *timing) calibrate(target time.Duration) error {
	if err := t.call(); err != nil {
		return err
	}
	for t.n = 1; ; t.n *= 2 {
		took, err := t.run(t.n)
		if err != nil {
			return err
		}
		if took >= target/2 {
			t.n = max(1, int(float64(t.n)*float64(target)/float64(took)))
			return nil
		}
	}
}

// round warms up and then takes one sample, from a heap just collected.
func (t *timing) round() error {
	if _, err := t.run(1 + t.n/8); err != nil {
		return err
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	took, err := t.run(t.n)
	runtime.ReadMemStats(&after)
	n := float64(t.n)
	t.ns = append(t.ns, float64(took.Nanoseconds())/n)
	t.bytes = append(t.bytes, float64(after.TotalAlloc-before.TotalAlloc)/n)
	t.allocs = append(t.allocs, float64(after.Mallocs-before.Mallocs)/n)
	return err
}

// run makes n calls and answers with the time they took.
func (t *timing) run(n int) (time.Duration, error) {
	start := cpuTime()
	for range n {
		if err := t.call(); err != nil {
			return 0, err
		}
	}
	return cpuTime() - start, nil
}

// quartiles are the lower quartile, the median and the upper quartile.
func quartiles(xs []float64) [3]float64 {
	xs = slices.Sorted(slices.Values(xs))
	at := func(q float64) float64 {
		p := q * float64(len(xs)-1)
		low := int(p)
		high := min(low+1, len(xs)-1)
		return xs[low] + (p-float64(low))*(xs[high]-xs[low])
	}
	return [3]float64{at(0.25), at(0.5), at(0.75)}
}

// multiple is the median of xs over ys, pair by pair.
func multiple(xs, ys []float64) float64 {
	ratios := make([]float64, len(xs))
	for i := range xs {
		ratios[i] = xs[i] / ys[i]
	}
	return quartiles(ratios)[1]
}
