// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.27;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Coin} from "./HubTest.sol";

/// @dev Calls who receives it, before the transfer is done.
contract ReentrantCoin is Coin {
    function _update(address from, address to, uint256 amount) internal override {
        if (to.code.length != 0 && from != address(0)) {
            (bool answered,) = to.call(abi.encodeWithSignature("tokensReceived()"));
            answered;
        }
        super._update(from, to, amount);
    }
}

/// @dev Calls who pays, before the transfer is done.
contract CallingCoin is Coin {
    function _update(address from, address to, uint256 amount) internal override {
        if (from.code.length != 0) {
            (bool answered,) = from.call(abi.encodeWithSignature("tokensToSend()"));
            answered;
        }
        super._update(from, to, amount);
    }
}

/// @dev Keeps a tenth of all that moves.
contract FeeCoin is Coin {
    function _update(address from, address to, uint256 amount) internal override {
        if (from == address(0) || to == address(0)) return super._update(from, to, amount);
        super._update(from, address(0), amount / 10);
        super._update(from, to, amount - amount / 10);
    }
}

/// @dev Shows every balance times a factor.
contract RebasingCoin is Coin {
    uint256 public factor = 100;

    function rebase(uint256 percent) external {
        factor = percent;
    }

    function balanceOf(address account) public view override returns (uint256) {
        return super.balanceOf(account) * factor / 100;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount * 100 / factor);
    }
}

/// @dev Says of some accounts whatever it was told to say, or nothing at all.
contract LyingCoin is Coin {
    enum Answer {
        Truth,
        Number,
        Revert,
        Short,
        Burn
    }

    Answer private _answer;
    uint256 private _number;

    function lie(Answer answer, uint256 number) external {
        (_answer, _number) = (answer, number);
    }

    function balanceOf(address account) public view override returns (uint256) {
        if (_answer == Answer.Number) return _number;
        if (_answer == Answer.Revert) revert("no");
        if (_answer == Answer.Short) {
            assembly {
                mstore(0, 1)
                return(0, 4)
            }
        }
        if (_answer == Answer.Burn) while (true) {}
        return super.balanceOf(account);
    }
}

/// @dev Answers nothing when it succeeds.
contract SilentCoin {
    mapping(address account => uint256) public balanceOf;
    mapping(address account => mapping(address spender => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        require(amount == 0 || allowance[msg.sender][spender] == 0, "set to 0 first");
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @dev Can be stopped as a whole, and for single accounts.
contract StoppableCoin is Coin {
    bool public stopped;
    mapping(address account => bool) public blacklisted;

    function stop(bool stopped_) external {
        stopped = stopped_;
    }

    function blacklist(address account, bool blacklisted_) external {
        blacklisted[account] = blacklisted_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!stopped && !blacklisted[from] && !blacklisted[to], "stopped");
        super._update(from, to, amount);
    }
}
