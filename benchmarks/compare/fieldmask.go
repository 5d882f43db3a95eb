package compare

import (
	"encoding/json"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/partner-contacts/contact/benchmarks/contactpb"
)

// FieldMask reads the body into a protobuf message and copies the fields of its mask (AIP-134), which is
// made of the body's members, as gateways do for a PATCH. protovalidate judges the contact that comes out
// by the rules in contact.proto.
func FieldMask(stored, body []byte, now time.Time) ([]byte, error) {
	var c, patch contactpb.Contact
	if err := protojson.Unmarshal(stored, &c); err != nil {
		return nil, err
	}
	if err := protojson.Unmarshal(body, &patch); err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, err
	}
	var mask fieldmaskpb.FieldMask
	for name := range members {
		if err := mask.Append(&c, name); err != nil {
			return nil, err
		}
	}
	before := proto.Clone(&c).(*contactpb.Contact)
	to, from := c.ProtoReflect(), patch.ProtoReflect()
	for _, name := range mask.GetPaths() {
		field := to.Descriptor().Fields().ByName(protoreflect.Name(name))
		if from.Has(field) {
			to.Set(field, from.Get(field))
		} else {
			to.Clear(field)
		}
	}
	if err := protovalidate.Validate(&c); err != nil {
		return nil, err
	}
	switch {
	case c.GetId() != before.GetId() || c.GetTeamId() != before.GetTeamId() || !proto.Equal(c.GetInsertedAt(), before.GetInsertedAt()):
		return nil, errIdentity
	case !proto.Equal(c.GetUpdatedAt(), before.GetUpdatedAt()):
		return nil, errStale
	case !proto.Equal(&c, before):
		c.UpdatedAt = timestamppb.New(now)
	}
	return protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(&c)
}
