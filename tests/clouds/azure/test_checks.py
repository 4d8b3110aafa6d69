"""The credential test of Azure: a line for all that would keep orders from working, with its remedy."""



from sandbox import demo_azure as demo
from sandbox.azure.ids import group_id
from tests.azure_stage import AzureStage
from webapp.clouds import base
from webapp.clouds.azure_avd.actions import NEEDED_ACTIONS
from webapp.clouds.azure_avd.driver import AzureAvd

GROUP = group_id(demo.DEMO_SUBSCRIPTION_ID, demo.DEMO_RESOURCE_GROUP)


def line(report: base.TestReport, name: str) -> base.Check:
    return next(one for one in report.checks if one.name == name)


def test_a_role_without_the_subscription_is_told_what_that_costs_and_how_to_mend_it(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.set_role(NEEDED_ACTIONS, scopes=[GROUP])

    report = driver.test()

    found = line(report, "machine_list")
    assert (found.is_ok, found.is_essential) == (None, False)
    assert "Microsoft.Compute/virtualMachines/read" in found.remedy and "subscription" in found.remedy
    assert report.is_ok and report.failure is None


def test_machines_that_cannot_be_listed_at_all_fail_the_test(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    for operation in ("virtualMachines.listAll", "virtualMachines.list"):
        azure_stage.control.add_fault(
            "error", operation=operation, times=-1, code="AuthorizationFailed", status=403
        )

    report = driver.test()

    found = line(report, "machine_list")
    assert found.is_ok is False and found.is_essential
    assert "Microsoft.Compute/virtualMachines/read" in found.remedy
    assert report.failure is not None and report.failure.code == "access_denied"


def test_a_list_of_machines_that_is_not_answered_is_no_missing_right(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.add_fault("http_503", operation="virtualMachines.listAll", times=-1)

    report = driver.test()

    assert line(report, "machine_list").is_ok is None
    assert report.failure is not None and report.failure.trouble.is_transient
