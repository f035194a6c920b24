using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Tocsin.Audit;
using Tocsin.Autonomy;
using Tocsin.Chains;
using Tocsin.Communications;
using Tocsin.Deadlines;
using Tocsin.Decisions;
using Tocsin.Findings;
using Tocsin.Incidents;
using Tocsin.Paging;
using Tocsin.People;
using Tocsin.Plans;
using Tocsin.Reachability;
using Tocsin.Reports;
using Tocsin.Silences;

namespace Tocsin.Recording;

/// <summary>
/// Events as the log keeps them: a kind with its version, and JSON. A kind that was ever written stays readable for
/// ever; a change of shape gets a new version beside the old one.
/// </summary>
internal static class EventJson
{
    public const string HeadCountersignedKind = "head-countersigned.1";

    // What people do and hear, beside what is done on the chain.
    private static readonly Dictionary<string, Type> OfPeople = new()
    {
        ["level-began.1"] = typeof(PageEvent.LevelBegan),
        ["paged.1"] = typeof(PageEvent.Paged),
        ["answered.1"] = typeof(PageEvent.Answered),
        ["nobody-answered.1"] = typeof(PageEvent.NobodyAnswered),
        ["opened-by-person.1"] = typeof(CommandEvent.OpenedByPerson),
        ["role-given.1"] = typeof(CommandEvent.RoleGiven),
        ["assessed.1"] = typeof(CommandEvent.Assessed),
        ["rated.1"] = typeof(CommandEvent.Rated),
        ["reclassified.1"] = typeof(CommandEvent.Reclassified),
        ["declared-false.1"] = typeof(CommandEvent.DeclaredFalse),
        ["reopened.1"] = typeof(CommandEvent.Reopened),
        ["merged-into.1"] = typeof(CommandEvent.MergedInto),
        ["split-off.1"] = typeof(CommandEvent.SplitOff),
        ["phase-reached.1"] = typeof(CommandEvent.PhaseReached),
        ["role-offered.1"] = typeof(CommandEvent.RoleOffered),
        ["decision-set-aside.1"] = typeof(CommandEvent.DecisionSetAside),
        ["deviated.1"] = typeof(CommandEvent.Deviated),
        ["update-drafted.1"] = typeof(UpdateEvent.Drafted),
        ["update-approved.1"] = typeof(UpdateEvent.Approved),
        ["update-withdrawn.1"] = typeof(UpdateEvent.Withdrawn),
        ["update-skipped.1"] = typeof(UpdateEvent.Skipped),
        ["room-opened.1"] = typeof(RoomEvent.Made),
        ["room-invited.1"] = typeof(RoomEvent.Invited),
        ["room-closed.1"] = typeof(RoomEvent.Closed),
        ["address-marked.1"] = typeof(RecordEvent.AddressMarked),
        ["funds-moved.1"] = typeof(RecordEvent.FundsMoved),
        ["transaction-noted.1"] = typeof(RecordEvent.TransactionNoted),
        ["deadline-neared.1"] = typeof(DeadlineEvent.Neared),
        ["deadline-missed.1"] = typeof(DeadlineEvent.Missed),
        ["decision-opened.1"] = typeof(LedgerEvent.DecisionOpened),
        ["approval-given.1"] = typeof(LedgerEvent.ApprovalGiven),
        ["approval-attested.1"] = typeof(LedgerEvent.Attested),
        ["decision-declined.1"] = typeof(LedgerEvent.Declined),
        ["decision-approved.1"] = typeof(LedgerEvent.Taken),
        ["decision-refused.1"] = typeof(LedgerEvent.Refused),
        ["decision-expired.1"] = typeof(LedgerEvent.Expired),
        ["decision-executed.1"] = typeof(LedgerEvent.Executed),
        ["acted-first.1"] = typeof(LedgerEvent.ActedFirst),
        ["ratified.1"] = typeof(LedgerEvent.Ratified),
        ["unratified.1"] = typeof(LedgerEvent.Unratified),
        ["data-reviewed.1"] = typeof(LedgerEvent.Reviewed),
        ["substitute-prepared.1"] = typeof(LedgerEvent.SubstitutePrepared),
    };

    private static readonly Dictionary<string, Type> Types = new(OfPeople)
    {
        ["plan-adopted.1"] = typeof(PlanAdopted),
        ["plan-proposed.1"] = typeof(PlanProposed),
        ["plan-settled.1"] = typeof(PlanSettled),
        ["operation-announced.1"] = typeof(OperationAnnounced),
        ["operation-withdrawn.1"] = typeof(OperationWithdrawn),
        ["canary-sent.1"] = typeof(CanaryEvent.Sent),
        ["canary-accepted.1"] = typeof(CanaryEvent.Accepted),
        ["canary-arrived.1"] = typeof(CanaryEvent.Arrived),
        ["canary-confirmed.1"] = typeof(CanaryEvent.Confirmed),
        ["canary-lost.1"] = typeof(CanaryEvent.Lost),
        ["silence-proposed.1"] = typeof(SilenceProposed),
        ["silence-confirmed.1"] = typeof(SilenceConfirmed),
        ["silence-ended.1"] = typeof(SilenceEnded),
        ["alert-withheld.1"] = typeof(SilenceEvent.Withheld),
        ["silence-lifted.1"] = typeof(SilenceEvent.Lifted),
        ["channel-distrusted.1"] = typeof(ChannelDistrusted),
        ["channel-trusted.1"] = typeof(ChannelTrusted),
        ["channel-judged.1"] = typeof(ChannelJudged),
        [HeadCountersignedKind] = typeof(HeadCountersigned),
        ["person-revoked.1"] = typeof(PersonRevoked),
        ["person-restored.1"] = typeof(PersonRestored),
        ["action-authorised.1"] = typeof(ActionAuthorised),
        ["authorisation-withdrawn.1"] = typeof(AuthorisationWithdrawn),
        ["finding-recorded.1"] = typeof(FindingRecorded),
        ["incident-opened.1"] = typeof(IncidentEvent.Opened),
        ["severity-changed.1"] = typeof(IncidentEvent.SeverityChanged),
        ["acknowledged.1"] = typeof(IncidentEvent.Acknowledged),
        ["alert-delivered.1"] = typeof(IncidentEvent.AlertDelivered),
        ["alert-accepted.1"] = typeof(IncidentEvent.AlertAccepted),
        ["alert-delayed.1"] = typeof(IncidentEvent.AlertDelayed),
        ["alert-failed.1"] = typeof(IncidentEvent.AlertFailed),
        ["decision-proposed.1"] = typeof(IncidentEvent.DecisionProposed),
        ["action-held-back.1"] = typeof(IncidentEvent.ActionHeldBack),
        ["approval-accepted.1"] = typeof(IncidentEvent.ApprovalAccepted),
        ["approval-refused.1"] = typeof(IncidentEvent.ApprovalRefused),
        ["decision-taken.1"] = typeof(IncidentEvent.DecisionTaken),
        ["call-simulated.1"] = typeof(IncidentEvent.CallSimulated),
        ["owners-asked.1"] = typeof(IncidentEvent.OwnersAsked),
        ["owner-signed.1"] = typeof(IncidentEvent.OwnerSigned),
        ["owner-refused.1"] = typeof(IncidentEvent.OwnerRefused),
        ["call-signed.1"] = typeof(IncidentEvent.CallSigned),
        ["signing-refused.1"] = typeof(IncidentEvent.SigningRefused),
        ["call-replaced.1"] = typeof(IncidentEvent.CallReplaced),
        ["sending-hindered.1"] = typeof(IncidentEvent.SendingHindered),
        ["call-broadcast.1"] = typeof(IncidentEvent.CallBroadcast),
        ["call-included.1"] = typeof(IncidentEvent.CallIncluded),
        ["evidence-checked.1"] = typeof(IncidentEvent.EvidenceChecked),
        ["call-settled.1"] = typeof(IncidentEvent.CallSettled),
        ["pause-ended.1"] = typeof(IncidentEvent.PauseEnded),
        ["pause-nears-end.1"] = typeof(IncidentEvent.PauseNearsEnd),
        ["decision-requested.1"] = typeof(IncidentEvent.DecisionRequested),
        ["call-orphaned.1"] = typeof(IncidentEvent.CallOrphaned),
        ["scope-paused.1"] = typeof(IncidentEvent.ScopePaused),
        ["outflow-seen.1"] = typeof(IncidentEvent.OutflowSeen),
        ["contained.1"] = typeof(IncidentEvent.Contained),
        ["impact-assessed.1"] = typeof(IncidentEvent.ImpactAssessed),
        ["step-done.1"] = typeof(IncidentEvent.StepDone),
        ["hook-asked.1"] = typeof(IncidentEvent.HookAsked),
        ["hook-sent.1"] = typeof(IncidentEvent.HookSent),
        ["hook-failed.1"] = typeof(IncidentEvent.HookFailed),
        ["note-added.1"] = typeof(IncidentEvent.NoteAdded),
        ["person-struck.1"] = typeof(IncidentEvent.PersonStruck),
        ["resolved.1"] = typeof(IncidentEvent.Resolved),
    };

    private static readonly Dictionary<Type, string> Kinds = Types.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>
    /// The one way in which Tocsin writes and reads JSON of its own: camel case, names for enums, hex for bytes.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>
    /// The same for a document that a command prints: letters, quotes and backticks as they are, control characters
    /// escaped. What stands in a page or the log is written by <see cref="Options"/>.
    /// </summary>
    public static JsonSerializerOptions Printed { get; } =
        new(Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Kind(LogEvent happened) => Kinds[happened.GetType()];

    public static string Write(LogEvent happened) => JsonSerializer.Serialize(happened, happened.GetType(), Options);

    /// <exception cref="InvalidOperationException">This version of Tocsin does not know the kind.</exception>
    public static LogEvent Read(string kind, string payload)
    {
        if (!Types.TryGetValue(kind, out var type))
            throw new InvalidOperationException(
                $"the log holds events of kind '{kind}', which this version does not know: use a newer one");
        return (LogEvent)JsonSerializer.Deserialize(payload, type, Options)!;
    }

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = false,
            MaxDepth = 32,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: true));
        options.Converters.Add(new TextConverter<Hash32>(text => Hash32.Parse(text), hash => hash.ToString()));
        options.Converters.Add(new TextConverter<Address>(text => Address.Parse(text), address => address.ToString()));
        options.Converters.Add(new TextConverter<UInt256>(text => UInt256.Parse(text), value => value.ToString()));
        options.Converters.Add(new TextConverter<FindingId>(text => new FindingId(text), id => id.Value));
        options.Converters.Add(new TextConverter<CanaryId>(
            text => CanaryId.TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a canary"),
            id => id.ToString()));
        options.Converters.Add(new TextConverter<IncidentId>(
            text => IncidentId.TryParse(text, out var id)
                ? id
                : throw new FormatException($"'{text}' is not an incident"),
            id => id.ToString()));
        options.Converters.Add(new TextConverter<ValueList<byte>>(
            text => Hex.Parse(text).ToValueList(), bytes => Hex.Format(bytes.AsSpan())));
        options.Converters.Add(new NumberConverter());
        options.Converters.Add(new ValueListConverter());
        return options;
    }

    private sealed class TextConverter<T>(Func<string, T> parse, Func<T, string> format) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            try
            {
                return parse(reader.GetString() ?? throw new JsonException($"null is not a {typeof(T).Name}"));
            }
            catch (FormatException e)
            {
                throw new JsonException(e.Message, e);
            }
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(format(value));
    }

    private sealed class NumberConverter : JsonConverter<ChainId>
    {
        public override ChainId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.GetUInt64());

        public override void Write(Utf8JsonWriter writer, ChainId value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.Value);
    }

    private sealed class ValueListConverter : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) =>
            typeToConvert.IsGenericType
            && typeToConvert.GetGenericTypeDefinition() == typeof(ValueList<>)
            && typeToConvert != typeof(ValueList<byte>);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(
                typeof(Items<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

        private sealed class Items<T> : JsonConverter<ValueList<T>>
        {
            public override ValueList<T> Read(
                ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
                new(JsonSerializer.Deserialize<T[]>(ref reader, options) ?? []);

            public override void Write(Utf8JsonWriter writer, ValueList<T> value, JsonSerializerOptions options) =>
                JsonSerializer.Serialize(writer, value.AsEnumerable(), options);
        }
    }
}
