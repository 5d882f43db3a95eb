// Package stream is a processor for Benthos, and so for Redpanda Connect: contact_merge turns a
// message {"contact":…,"patch":…} into the merged contact. A message that is refused fails, with
// the rules and pointers as its error and no submitted value, and stays as it came: catch it, or send
// it to a dead letter queue.
package stream

import (
	"context"
	"encoding/json"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"github.com/partner-contacts/contact"
)

func init() {
	spec := service.NewConfigSpec().
		Summary("Applies a JSON merge patch to a contact.").
		Field(service.NewBoolField("allow_stale").Default(false).
			Description("Ignore the version that a patch was made from."))
	if err := service.RegisterProcessor("contact_merge", spec, newMerger); err != nil {
		panic(err) // two processors have the name
	}
}

func newMerger(conf *service.ParsedConfig, _ *service.Resources) (service.Processor, error) {
	stale, err := conf.FieldBool("allow_stale")
	return &merger{contact.Options{AllowStale: stale}}, err
}

type merger struct{ contact.Options }

// Process merges one message.
func (m *merger) Process(_ context.Context, msg *service.Message) (service.MessageBatch, error) {
	text, err := msg.AsBytes()
	if err != nil {
		return nil, err
	}
	var pair struct{ Contact, Patch json.RawMessage }
	if err := json.Unmarshal(text, &pair); err != nil {
		return nil, err
	}
	merged, changed, err := m.AppendMerge(nil, pair.Contact, pair.Patch, time.Now())
	if err != nil {
		return nil, err
	}
	out := msg.Copy()
	out.SetBytes(merged)
	out.MetaSetMut("changed", changed.String())
	return service.MessageBatch{out}, nil
}

func (m *merger) Close(context.Context) error { return nil }
