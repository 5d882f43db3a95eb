package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/textio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/partner-contacts/contact"
)

// A Patch is a line of the patches. A collection has no order, so each line says its own: the
// patches of a contact apply by rising sequence.
type Patch struct {
	Sequence int64
	Body     string
}

const namespace = "contact"

var (
	changed   = beam.NewCounter(namespace, "changed")
	unchanged = beam.NewCounter(namespace, "unchanged")
	refused   = beam.NewCounter(namespace, "refused")
)

func init() {
	register.DoFn4x0[string, func(string, string), func(string), func(string)](&keyContacts{})
	register.DoFn3x0[string, func(string, Patch), func(string)](&keyPatches{})
	register.DoFn6x1[context.Context, string, func(*string) bool, func(*Patch) bool, func(string),
		func(string), error](&merge{})
	register.DoFn2x0[string, func(string)](&ofShard{})
	register.Emitter1[string]()
	register.Emitter2[string, string]()
	register.Emitter2[string, Patch]()
	register.Iter1[string]()
	register.Iter1[Patch]()
}

// build makes the pipeline: contacts and patches come together by id, and a contact with its patches
// is the work of one call.
func build(s beam.Scope, contacts, patches, merged, rejects string, shards int, now time.Time) {
	byID, copied, unkeyed := beam.ParDo3(s, &keyContacts{}, textio.Read(s, contacts))
	bodies, unread := beam.ParDo2(s, &keyPatches{}, textio.Read(s, patches))
	out, refusals := beam.ParDo2(s, &merge{Now: now.UTC().Format(time.RFC3339Nano)},
		beam.CoGroupByKey(s, byID, bodies))
	lines := beam.Flatten(s, out, copied)
	for i := range shards { // a file is the work of one worker
		textio.Write(s, fmt.Sprintf("%s-%05d-of-%05d", merged, i, shards),
			beam.ParDo(s, &ofShard{i, shards}, lines))
	}
	textio.Write(s, rejects, beam.Flatten(s, refusals, unkeyed, unread))
}

// idOf returns the id of a contact or a patch in the form that both are brought together by. It is read
// from a map, as encoding/json takes the member ID, too, for a struct's id.
func idOf(text string) (string, bool) {
	var doc map[string]json.RawMessage
	var name string
	if json.Unmarshal([]byte(text), &doc) != nil || json.Unmarshal(doc["id"], &name) != nil {
		return "", false
	}
	id, err := contact.ParseID(name)
	return id.String(), err == nil
}

// record is a line of the rejects: what was refused, by its number if it has one, and why.
func record(what string, number int64, id string, errs contact.Errors) string {
	line := fmt.Appendf(nil, `{"%s":%d,`, what, number)
	if id != "" {
		line = fmt.Appendf(line, `"id":"%s",`, id)
	}
	return string(append(line, errs.AppendJSON(nil)[1:]...)) // the envelope's own bracket goes
}

// faultsOf returns what is wrong with a line that has no id that can be read.
func faultsOf(judged error) contact.Errors {
	var errs contact.Errors
	var stored *contact.StoreError
	switch {
	case errors.As(judged, &stored):
		return stored.Errors()
	case errors.As(judged, &errs):
		return errs
	}
	return contact.Errors{contact.NewError(contact.RuleRequired, "/id")}
}

// keyContacts gives contacts their ids. One without is copied as it stands.
type keyContacts struct{}

func (*keyContacts) ProcessElement(line string, keyed func(string, string), copied, rejected func(string)) {
	if id, ok := idOf(line); ok {
		keyed(id, line)
	} else if line != "" {
		copied(line)
		rejected(record("contact", 0, "", faultsOf(checkStored(line))))
	}
}

// keyPatches gives patches the ids of their contacts.
type keyPatches struct{}

func (*keyPatches) ProcessElement(line string, keyed func(string, Patch), rejected func(string)) {
	if line == "" {
		return
	}
	var read struct {
		Sequence int64
		Patch    json.RawMessage
	}
	// What is wrong with the line itself the engine says best.
	if err := json.Unmarshal([]byte(line), &read); err != nil || read.Patch == nil {
		rejected(record("line", 0, "", faultsOf(contact.CheckPatch([]byte(line)))))
	} else if id, ok := idOf(string(read.Patch)); ok {
		keyed(id, Patch{read.Sequence, string(read.Patch)})
	} else {
		rejected(record("line", read.Sequence, "", faultsOf(contact.CheckPatch(read.Patch))))
	}
}

// merge applies the patches of a contact.
type merge struct {
	Now string // the time of the update

	now time.Time
}

func (m *merge) Setup() (err error) {
	m.now, err = contact.ParseTimestamp(m.Now)
	return err
}

func (m *merge) ProcessElement(
	ctx context.Context, id string, contacts func(*string) bool, patches func(*Patch) bool, merged, rejected func(string),
) error {
	var all []Patch
	for p := (Patch{}); patches(&p); {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b Patch) int { return cmp.Compare(a.Sequence, b.Sequence) })
	found := false
	for document := ""; contacts(&document); {
		found = true
		if err := m.contact(ctx, id, document, all, merged, rejected); err != nil {
			return err
		}
	}
	if !found {
		for _, p := range all {
			refused.Inc(ctx, 1)
			e := contact.NewServiceError(404, "not_found", "Contact not found", "Send the id of a contact that is there.")
			e.Pointer = "/id"
			rejected(record("line", p.Sequence, id, contact.Errors{e}))
		}
	}
	return nil
}

// contact applies patches to one contact, each to what the one before has made of it.
func (m *merge) contact(
	ctx context.Context, id, document string, patches []Patch, merged, rejected func(string),
) error {
	doc, differs := []byte(document), false
	for _, p := range patches {
		next, fields, err := contact.AppendMerge(nil, doc, []byte(p.Body), m.now)
		var errs contact.Errors
		var stored *contact.StoreError
		switch {
		case err == nil:
			doc, differs = next, differs || fields != 0
			continue
		case errors.As(err, &errs):
		case errors.As(err, &stored):
			errs = contact.Errors{contact.NewServiceError(500, "stored_contact", "Stored contact cannot be updated", err.Error())}
		default:
			return err
		}
		refused.Inc(ctx, 1)
		rejected(record("line", p.Sequence, id, errs))
	}
	if differs {
		changed.Inc(ctx, 1)
	} else {
		unchanged.Inc(ctx, 1)
	}
	merged(string(doc))
	return nil
}

// ofShard leaves the lines of one shard.
type ofShard struct{ Shard, Shards int }

func (o *ofShard) ProcessElement(line string, emit func(string)) {
	h := fnv.New32a()
	h.Write([]byte(line))
	if int(h.Sum32()%uint32(o.Shards)) == o.Shard {
		emit(line)
	}
}

// checkStored returns the error of ParseStored.
func checkStored(line string) error {
	_, err := contact.ParseStored([]byte(line))
	return err
}
