namespace Tocsin.Detection;

/// <summary>The identifiers of indicators, as the plan and every output write them.</summary>
public static class IndicatorNames
{
    public const string LargeLoan = "large_loan";
    public const string RapidTrades = "rapid_trades";
    public const string ArbitragePattern = "arbitrage_pattern";
    public const string PriceDeviation = "price_deviation";
    public const string LowLiquidity = "low_liquidity";
    public const string CoordinatedTrades = "coordinated_trades";
    public const string LargeTransfer = "large_transfer";

    public const string FlashLoan = "flash_loan";
    public const string LoanProfit = "loan_profit";

    public const string StaleAnswer = "stale_answer";
    public const string BadAnswer = "bad_answer";
    public const string FrozenAnswer = "frozen_answer";
    public const string AnswerOffMarket = "answer_off_market";
    public const string AnswerAtLimit = "answer_at_limit";
    public const string LimitOffMarket = "limit_off_market";
    public const string AggregatorChanged = "aggregator_changed";
    public const string AggregatorProposed = "aggregator_proposed";

    public const string SpotRoundTrip = "spot_round_trip";
    public const string SpotHeldAway = "spot_held_away";
    public const string PaidOutMeanwhile = "paid_out_meanwhile";

    public const string SharePriceJump = "share_price_jump";
    public const string Donation = "donation";
    public const string LargeTokenAccumulation = "large_token_accumulation";
    public const string ProposalSubmission = "proposal_submission";
    public const string VotingAnomaly = "voting_anomaly";
    public const string EarlyExecution = "early_execution";
    public const string ShortenedDelay = "shortened_delay";
    public const string HiddenEffect = "hidden_effect";
    public const string Simulated = "simulated";
    public const string SimulatedOutflow = "simulated_outflow";
    public const string SimulatedPower = "simulated_power";
    public const string NotSimulated = "not_simulated";
    public const string PowerGranted = "power_granted";
    public const string PowerTaken = "power_taken";
    public const string CodeReplaced = "code_replaced";
    public const string RulesChanged = "rules_changed";
    public const string PauseChanged = "pause_changed";
    public const string ThresholdChanged = "threshold_changed";
    public const string DelayChanged = "delay_changed";
    public const string GuardChanged = "guard_changed";
    public const string ModuleRun = "module_run";
    public const string OperationScheduled = "operation_scheduled";
    public const string OperationUnscheduled = "operation_unscheduled";
    public const string SilentSlot = "silent_slot";
    public const string CodeChanged = "code_changed";
    public const string SelfDestructed = "self_destructed";
    public const string UnexpectedDelegatecall = "unexpected_delegatecall";
    public const string ManyVictims = "many_victims";
    public const string PulledValue = "pulled_value";
    public const string OurContractPulls = "our_contract_pulls";
    public const string HiddenFunds = "hidden_funds";
    public const string NamesOurs = "names_ours";
    public const string LoanCallback = "loan_callback";
    public const string FreshAccount = "fresh_account";
    public const string FirstTouch = "first_touch";
    public const string StrangerPaid = "stranger_paid";
    public const string MovedOutOfReach = "moved_out_of_reach";
    public const string Crowd = "crowd";
    public const string SplitUp = "split_up";
    public const string SameHands = "same_hands";
    public const string SameCode = "same_code";
    public const string TroubledAsset = "troubled_asset";
    public const string Redemptions = "redemptions";
    public const string MintWithoutDeposit = "mint_without_deposit";
    public const string SupplyAboveBacking = "supply_above_backing";
    public const string IssuerPower = "issuer_power";
    public const string LiquidityLeft = "liquidity_left";
    public const string PoolImbalance = "pool_imbalance";
    public const string LiquidityOutOfRange = "liquidity_out_of_range";
    public const string ManyOutflows = "many_outflows";
    public const string UnusualVolume = "unusual_volume";
    public const string OneSidedTrading = "one_sided_trading";
    public const string LinkedAccounts = "linked_accounts";
    public const string CallSpike = "call_spike";
    public const string EventSpike = "event_spike";
    public const string FailedCalls = "failed_calls";
    public const string GasSpike = "gas_spike";
}
