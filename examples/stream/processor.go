// Package stream is a processor for Benthos, and so for Redpanda Connect: contact_merge applies a
// message, a patch, to the stored contact that a processor before it has put into the metadata.
package stream

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"github.com/partner-contacts/contact"
)

func init() {
	spec := service.NewConfigSpec().
		Summary("Applies a JSON merge patch to a contact.").
		Description(`The message is the patch and becomes the merged contact, both byte for byte: a mapping would change numbers.
Metadata of the result:

- changed: the names of the fields that differ, with commas between them; empty if nothing is to be saved
- before, after: the version, updated_at, of the stored and of the merged contact

A message that is refused fails, stays as it came, and has the metadata:

- status: of the answer that an HTTP handler would give, such as 422 or 409; 500 if the stored contact is at fault
- rules: the rules that it breaks, with commas between them
- errors: the API's error envelope, which holds no submitted value`).
		Field(service.NewInterpolatedStringField("contact").Default(`${! @contact }`).
			Description("The stored contact, as JSON.")).
		Field(service.NewBoolField("require_complete").Default(false).
			Description("A patch must be a whole contact.")).
		Field(service.NewBoolField("ignore_unknown").Default(false).
			Description("Skip members that contacts do not have.")).
		Field(service.NewBoolField("allow_stale").Default(false).
			Description("Ignore the version that a patch was made from.")).
		Field(service.NewDurationField("resolution").Default("1us").
			Description("The step in which the store keeps updated_at."))
	if err := service.RegisterProcessor("contact_merge", spec, newMerger); err != nil {
		panic(err) // two processors have the name
	}
}

func newMerger(conf *service.ParsedConfig, _ *service.Resources) (service.Processor, error) {
	var m merger
	var errs [5]error
	m.contact, errs[0] = conf.FieldInterpolatedString("contact")
	m.RequireComplete, errs[1] = conf.FieldBool("require_complete")
	m.IgnoreUnknown, errs[2] = conf.FieldBool("ignore_unknown")
	m.AllowStale, errs[3] = conf.FieldBool("allow_stale")
	m.VersionResolution, errs[4] = conf.FieldDuration("resolution")
	return &m, errors.Join(errs[:]...)
}

type merger struct {
	contact.Options
	contact *service.InterpolatedString
}

// Process merges one message.
func (m *merger) Process(_ context.Context, msg *service.Message) (service.MessageBatch, error) {
	patch, err := msg.AsBytes()
	if err != nil {
		return nil, err
	}
	document, err := m.contact.TryBytes(msg)
	if err != nil {
		return nil, err
	}
	out := msg.Copy()
	merged, changed, err := m.AppendMerge(nil, document, patch, time.Now())
	if err == nil {
		var before, after time.Time
		before, err = contact.StoredVersion(document)
		if err == nil {
			after, err = contact.StoredVersion(merged)
		}
		out.SetBytes(merged)
		out.MetaSetMut("changed", changed.String())
		out.MetaSetMut("before", before.Format(time.RFC3339Nano))
		out.MetaSetMut("after", after.Format(time.RFC3339Nano))
	}
	if err == nil {
		return service.MessageBatch{out}, nil
	}
	var errs contact.Errors
	status, rules := 500, "stored"
	if errors.As(err, &errs) {
		status, rules = errs.Status(), ""
		for i, e := range errs {
			if i > 0 {
				rules += ","
			}
			rules += string(e.Rule)
		}
	}
	out = msg.Copy()
	out.MetaSetMut("status", strconv.Itoa(status))
	out.MetaSetMut("rules", rules)
	out.MetaSetMut("errors", string(errs.AppendJSON(nil)))
	out.SetError(err)
	return service.MessageBatch{out}, nil
}

func (m *merger) Close(context.Context) error { return nil }
